jq -r .payload evidence.dsse.json | base64 -d > statement.json
{ printf 'DSSEv1 28 application/vnd.in-toto+json %d ' "$(wc -c < statement.json)"; cat statement.json; } > signed.bin
jq -r '.signatures[0].sig' evidence.dsse.json | base64 -d > signature.bin
openssl pkeyutl -verify -pubin -inkey harness.pub.pem -rawin -in signed.bin -sigfile signature.bin
jq -r '.predicate.configuration[] | .digest.sha256 + "  " + .name' statement.json | sha256sum -c
openssl pkey -pubin -in harness.pub.pem -outform DER | sha256sum

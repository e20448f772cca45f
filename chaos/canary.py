"""Small requests that tell what a client would meet at a listener; the head of an answer is enough."""

import httpx

from chaos.drill import Evidence

#: What every process of the mock shop answers 200 when it is well.
HEALTH = "/health"


def refused(http: httpx.Client, name: str, url: str, path: str = HEALTH) -> Evidence:
    """Prove that a listener refuses connections."""
    try:
        with http.stream("GET", f"{url}{path}") as answer:
            pass
    except httpx.ConnectError:
        return Evidence(proven=True, saw=f"{name} refuses connections")
    except httpx.HTTPError as error:
        return Evidence(proven=False, saw=f"{name} accepts connections ({type(error).__name__})")
    return Evidence(proven=False, saw=f"{name} still answers ({answer.status_code})")


def answered(http: httpx.Client, name: str, url: str, path: str = HEALTH) -> Evidence:
    """Prove that a server answers 200 on a path."""
    try:
        with http.stream("GET", f"{url}{path}") as answer:
            pass
    except httpx.HTTPError as error:
        return Evidence(proven=False, saw=f"{name} does not answer ({type(error).__name__})")
    proven = answer.status_code == httpx.codes.OK
    return Evidence(proven=proven, saw=f"{name} answers {answer.status_code}")

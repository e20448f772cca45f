from pathlib import Path
from typing import Any

import msgspec
import pytest

from mock_store.config import ConfigError, DirectorConfig, ProviderConfig, RegionConfig, read_config
from tests.mock_store.lab import provider_config, region_config

DIRECTOR: dict[str, Any] = {
    "role": "director",
    "host": "127.0.0.1",
    "port": 80,
    "regions": [{"name": "a", "url": "http://a"}],
}


def written(path: Path, content: object) -> Path:
    """Write a configuration file."""
    file = path / "config.json"
    file.write_bytes(msgspec.json.encode(content))
    return file


@pytest.mark.parametrize("role", ["region", "provider"])
def test_a_configuration_is_read_as_written(tmp_path: Path, role: str) -> None:
    """What was written comes back equal."""
    config: RegionConfig | ProviderConfig = region_config(tmp_path)
    if role == "provider":
        config = provider_config(tmp_path)

    assert config == read_config(written(tmp_path, config), role)


def test_a_director_has_defaults(tmp_path: Path) -> None:
    """Interval and hysteresis need not be said."""
    config = read_config(written(tmp_path, DIRECTOR), "director")

    assert isinstance(config, DirectorConfig)
    assert (config.interval_s, config.down_after, config.up_after) == (0.25, 2, 3)


@pytest.mark.parametrize(
    ("role", "change", "said"),
    [
        ("region", {}, "role"),
        ("director", {"colour": "red"}, "unknown field `colour`"),
        ("director", {"port": 0}, "$.port"),
        ("director", {"port": "80"}, "$.port"),
        ("director", {"regions": []}, "$.regions"),
        ("director", {"interval_s": 0}, "$.interval_s"),
    ],
    ids=["another role's", "an unknown key", "no port", "text for a port", "no regions", "no interval"],
)
def test_a_wrong_configuration_is_refused(
    tmp_path: Path, role: str, change: dict[str, object], said: str
) -> None:
    """One sentence names the file, the place and the mend."""
    file = written(tmp_path, {**DIRECTOR, **change})

    with pytest.raises(ConfigError) as refusal:
        read_config(file, role)
    message = str(refusal.value)
    assert str(file) in message
    assert said in message
    assert message.endswith("correct the file.")


def test_a_missing_file_is_said(tmp_path: Path) -> None:
    """No file, no traceback."""
    with pytest.raises(ConfigError, match=r"cannot be read .*name a configuration file"):
        read_config(tmp_path / "none.json", "region")


def test_a_defect_must_exist(tmp_path: Path) -> None:
    """A misspelt defect is refused, for a drill with a bug that is not there would prove nothing."""
    content = {**msgspec.to_builtins(provider_config(tmp_path)), "defects": ["oversel_race"]}

    with pytest.raises(ConfigError, match="oversel_race"):
        read_config(written(tmp_path, content), "provider")

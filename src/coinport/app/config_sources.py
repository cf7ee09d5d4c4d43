"""Where the configuration comes from. A later source wins: defaults, the file, COINPORT_SECTION_KEY
variables, the command line. What is wrong is told with its source and its name."""

import difflib
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from coinport.app.config import ENVIRONMENT_PREFIX, SECTIONS, Config, ConfigError, hints
from coinport.app.surroundings import why

Layer = Mapping[str, Mapping[str, Any]]
"""Values by section and key."""


def load(path: Path | None, environment: Mapping[str, str], command_line: Layer) -> Config:
    """Raises ConfigError."""
    sources = [
        Source(str(path), _file(path) if path else {}),
        Source("environment", _variables(environment)),
        Source("command line", command_line),
    ]
    merged = {
        section: {
            key: value
            for source in sources
            for key, value in source.values.get(section, {}).items()
        }
        for section in SECTIONS
    }
    try:
        return msgspec.convert(merged, Config)
    except msgspec.ValidationError as error:
        raise ConfigError(_blamed(str(error), sources)) from error


class Source(NamedTuple):
    name: str
    values: Layer


def _blamed(complaint: str, sources: list[Source]) -> str:
    """What msgspec says, with where it stands. Of a key, the last source that has it decides; what
    several keys say together, several sources may have said."""
    said, _, where = complaint.partition(" - at `$.")
    section, _, key = where.rstrip("`").partition(".")
    key = key.partition("[")[0]
    names = [
        name
        for name, values in sources
        if (given := values.get(section)) and (not key or key in given)
    ]
    said = said.replace("`", "")
    return (
        f"{names[-1]}: {section}.{key}: {said}"
        if key
        else f"{', '.join(names)}: [{section}] {said}"
    )


def _file(path: Path) -> Layer:
    try:
        content = tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise ConfigError(f"--config {path}: {why(error)}") from error
    except ValueError as error:
        raise ConfigError(f"{path}: this is no TOML: {error}") from error
    for section, values in content.items():
        _known(section, SECTIONS, f"{path}: unknown section [{section}]")
        if not isinstance(values, dict):
            raise ConfigError(f"{path}: {section} is a section: write [{section}]")
        for key in values:
            _known(key, hints(section), f"{path}: unknown key {key} in [{section}]")
    return content


def _variables(environment: Mapping[str, str]) -> Layer:
    names = {
        f"{ENVIRONMENT_PREFIX}{section}_{key}".upper(): (section, key)
        for section in SECTIONS
        for key in hints(section)
    }
    layer: dict[str, dict[str, Any]] = {}
    for name, text in environment.items():
        if name.startswith(ENVIRONMENT_PREFIX):
            _known(name, names, f"unknown variable {name}")
            section, key = names[name]
            layer.setdefault(section, {})[key] = _from_text(name, text, hints(section)[key])
    return layer


def _from_text(name: str, text: str, kind: Any) -> Any:
    value = [part.strip() for part in text.split(",") if part.strip()]
    is_list = kind.__origin__ == list[str]
    try:
        return msgspec.to_builtins(msgspec.convert(value if is_list else text, kind, strict=False))
    except msgspec.ValidationError as error:
        raise ConfigError(f"{name}={text}: {str(error).replace('`', '')}") from error


def _known(name: str, valid: Iterable[str], complaint: str) -> None:
    if name not in valid:
        nearest = difflib.get_close_matches(name, valid, n=1, cutoff=0)
        raise ConfigError(f"{complaint}; did you mean {nearest[0]}?")

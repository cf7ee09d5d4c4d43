"""Where the configuration comes from. A later source wins: defaults, the file, COINPORT_SECTION_KEY
variables, the command line. What is wrong is told with its source and its name."""

import difflib
import re
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from coinport.app.config import (
    CURRENCIES,
    ENVIRONMENT_PREFIX,
    SECTIONS,
    Config,
    hints,
    kind_of,
)
from coinport.app.config_keys import ConfigError
from coinport.app.surroundings import why

Layer = Mapping[str, Mapping[str, Any]]
"""Values by section and key. A currency's section is called `currencies.SYMBOL`."""

_SYMBOL = re.compile(r"[A-Z0-9]{1,12}", re.ASCII)


def load(path: Path | None, environment: Mapping[str, str], command_line: Layer) -> Config:
    """Raises ConfigError."""
    sources = [
        Source(str(path), _file(path) if path else {}),
        Source("environment", _variables(environment)),
        Source("command line", command_line),
    ]
    names = [*SECTIONS, *sorted({name for one in sources for name in one.values} - {*SECTIONS})]
    merged: dict[str, Any] = {name: _merged(name, sources) for name in names}
    currencies = {
        name.removeprefix(CURRENCIES): merged.pop(name) for name in names if name not in SECTIONS
    }
    return Config(**merged, currencies=currencies)


class Source(NamedTuple):
    name: str
    values: Layer


def _merged(section: str, sources: list[Source]) -> Any:
    """Raises ConfigError."""
    values: dict[str, Any] = {}
    for source in sources:
        values |= source.values.get(section, {})
    try:
        return msgspec.convert(values, kind_of(section))
    except msgspec.ValidationError as error:
        raise ConfigError(_blamed(section, str(error), sources)) from error


def _blamed(section: str, complaint: str, sources: list[Source]) -> str:
    """What msgspec says, with where it stands. Of a key, the last source that has it decides; what
    several keys say together, several sources may have said."""
    said, _, where = complaint.partition(" - at `$.")
    key = where.rstrip("`").partition("[")[0]
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
    currencies = content.pop("currencies", {})
    if not isinstance(currencies, dict):
        raise ConfigError(f"{path}: currencies have sections: write [currencies.BTC]")
    content |= {CURRENCIES + symbol: values for symbol, values in currencies.items()}
    for section, values in content.items():
        if section.startswith(CURRENCIES):
            _check_symbol(section.removeprefix(CURRENCIES), f"{path}: [{section}]")
        else:
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
    of_currencies = f"{ENVIRONMENT_PREFIX}CURRENCIES_"
    layer: dict[str, dict[str, Any]] = {}
    for name, text in environment.items():
        if name.startswith(of_currencies):
            symbol, _, word = name.removeprefix(of_currencies).partition("_")
            _check_symbol(symbol, name)
            section, key = CURRENCIES + symbol, word.lower()
            _known(key, hints(section), f"unknown variable {name}: unknown key {key}")
        elif name.startswith(ENVIRONMENT_PREFIX):
            _known(name, names, f"unknown variable {name}")
            section, key = names[name]
        else:
            continue
        layer.setdefault(section, {})[key] = _from_text(name, text, hints(section)[key])
    return layer


def _check_symbol(symbol: str, where: str) -> None:
    """Whether the exchange lists it is seen when its journal has been read."""
    if not _SYMBOL.fullmatch(symbol):
        raise ConfigError(f"{where}: {symbol!r} is not the symbol of a currency")


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

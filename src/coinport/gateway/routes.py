"""Routes: an endpoint is declared once, beside its handler. From the declaration come its route,
the reading of its parameters, and its part of the OpenAPI document.

    class GreetingOf(Parameters):
        currency: CurrencyName                      # in the path, because the path names it
        times: Annotated[int, Meta(ge=1), about("How often.", "次数。")] = 1

    class Greeting(Struct):
        said: Annotated[str, about("The greeting.", "问候。")]

    class Greetings:
        title = Text("Greetings", "问候")            # of its chapter in the document

        def __init__(self, services: Services) -> None: ...

        @endpoint(
            "GET", "/{currency}/greeting",
            parameters=GreetingOf, answer=Greeting,
            permission=Permission.READ,             # left out: public
            errors=(Code.UNKNOWN_CURRENCY,),        # beside the common ones, see `Endpoint.codes`
            summary=Text("A greeting", "问候"),
        )
        async def greeting(self, call: Call[GreetingOf]) -> Greeting:
            raise ApiError(Code.UNKNOWN_CURRENCY, call.parameters.currency)

`create_app` lists the classes. Parameters that the path does not name are the query of a GET or the
JSON body of a POST. What happens to a request, in this order, stands in `serving.py`.
"""

from asyncio import iscoroutinefunction
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from types import MethodType
from typing import Any, Final, Generic, Literal, NamedTuple, Protocol, Self, TypeVar, overload

from msgspec import Meta, Raw, Struct
from msgspec.structs import fields
from starlette.routing import compile_path

from coinport.gateway.errors import Code, Text
from coinport.gateway.requests import Caller, Permission, Request
from coinport.gateway.services import Services
from coinport.gateway.wire import FigureOf
from coinport.journal.records import Records

PREFIX: Final = "/api/v2"


class Feature(Protocol):
    """Some endpoints that belong together."""

    title: Text

    def __init__(self, services: Services) -> None: ...


P = TypeVar("P", bound="Parameters")
A = TypeVar("A")
R = TypeVar("R")


class Parameters(Struct, frozen=True, forbid_unknown_fields=True):
    """Base of what an endpoint takes: a field without a default is required."""


class Nothing(Parameters, frozen=True):
    """No parameters."""


def about(en: str, zh: str) -> Meta:
    """What a field means, for the document: `Annotated[int, about("...", "...")]`."""
    return Meta(description=en, extra_json_schema={"x-zh": zh})


@dataclass(slots=True)
class Call(Generic[P]):
    """One request to an endpoint, read and admitted."""

    read: Callable[[], P]
    """The parameters. Raises ApiError."""
    caller: Caller
    """ANYBODY where the endpoint is public."""
    request: Request
    figure: FigureOf
    """Makes a figure of the answer, as a JSON number or string as the caller likes:
    `figure(150, 2)` is 1.5."""
    headers: list[tuple[bytes, bytes]] = field(default_factory=list)
    """Of the answer; a handler may add some, cookies for instance."""
    _parameters: P | None = None

    @property
    def parameters(self) -> P:
        """Read once, before the handler is called unless the endpoint `reads_late`."""
        if self._parameters is None:
            self._parameters = self.read()
        return self._parameters


class Decision(NamedTuple, Generic[A]):
    """What a handler returns whose answer the exchange has to decide."""

    commands: list[bytes]
    """Encoded. Nothing comes between them; may be empty."""
    answer: Callable[[Records], "A | Raw | Awaitable[A | Raw]"]
    """Of their records, once all are durable. Raises ApiError."""


Handler = Callable[[Any, Call[P]], R]
"""A method that returns its answer, as JSON text (`Raw`) where that is quicker, or a `Decision`.
One that waits for something is an `async def`; a plain `def` needs no task (see `serving.py`)."""


@dataclass(frozen=True)
class Endpoint(Generic[P, R]):
    method: Literal["GET", "POST"]
    path: str
    """Below `PREFIX`."""
    parameters: type[P]
    answer: Any
    """A Struct, or another type that msgspec can describe."""
    permission: Permission | None
    """What the caller must have; None: the endpoint is public."""
    errors: tuple[Code, ...]
    limited: bool
    """Counts towards the rate limits."""
    failed_data: Literal[""] | None
    """What stands for `data` beside an error code."""
    reads_late: bool
    """Its handler has the parameters read where it needs them."""
    summary: Text
    description: Text | None
    handler: Handler[P, R]

    @overload
    def __get__(self, feature: None, owner: type) -> Self: ...
    @overload
    def __get__(self, feature: object, owner: type) -> Callable[[Call[P]], R]: ...
    def __get__(self, feature: object, owner: type) -> object:
        """Of an object, the handler as its method."""
        return self if feature is None else MethodType(self.handler, feature)

    @property
    def name(self) -> str:
        return self.handler.__name__

    @property
    def waits(self) -> bool:
        """For something other than the sequencer: its handler is an `async def`."""
        return iscoroutinefunction(self.handler)

    @property
    def in_path(self) -> frozenset[str]:
        """The names of the parameters that are part of the path."""
        return frozenset(compile_path(self.path)[2])

    @property
    def codes(self) -> frozenset[Code]:
        """Everything it may be answered with but success."""
        common = {Code.BAD_PARAMETER, Code.INTERNAL_ERROR, *self.errors}
        if {each.name for each in fields(self.parameters) if each.required} - self.in_path:
            common.add(Code.MISSING_PARAMETER)
        if self.limited:
            common.add(Code.RATE_LIMITED)
        if self.permission:
            common |= AUTHENTICATION_CODES
        return frozenset(common)


AUTHENTICATION_CODES: Final = {
    Code.MISSING_PARAMETER,  # a header of a signature
    Code.NOT_AUTHENTICATED,
    Code.ACCOUNT_UNAVAILABLE,
    Code.WRONG_SIGNATURE,
    Code.ONE_TIME_CODE,
    Code.NOT_PERMITTED,
}
"""What any private endpoint may answer."""


def endpoint(
    method: Literal["GET", "POST"],
    path: str,
    *,
    parameters: type[P],
    answer: Any,
    summary: Text,
    description: Text | None = None,
    permission: Permission | None = None,
    errors: tuple[Code, ...] = (),
    limited: bool = True,
    failed_data: Literal[""] | None = None,
    reads_late: bool = False,
) -> Callable[[Handler[P, R]], Endpoint[P, R]]:
    """Declare the decorated method as the handler of an endpoint."""
    return partial(
        Endpoint,
        method,
        path,
        parameters,
        answer,
        permission,
        errors,
        limited,
        failed_data,
        reads_late,
        summary,
        description,
    )


def declared(feature: type) -> Iterator[Endpoint[Any, Any]]:
    """The endpoints of a class, in the order of its text."""
    return (value for value in vars(feature).values() if isinstance(value, Endpoint))

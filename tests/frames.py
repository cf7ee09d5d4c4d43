"""Every frame of a socket, held against the AsyncAPI document, with nothing else beside it."""

import json
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import jsonschema


class FrameContract:
    def __init__(self, document: Mapping[str, Any]) -> None:
        self.document = document
        self._schemas = json.loads(json.dumps(document["components"]["schemas"]))
        for schema in self._schemas.values():
            if "properties" in schema:
                schema.setdefault("additionalProperties", False)
        self._validator = lru_cache(None)(self._new_validator)

    def check_frame(self, frame: Any) -> None:
        """One that nobody asked for."""
        kind = frame["type"]
        if kind in ("snapshot", "update"):
            self._validator(frame["channel"].partition(".")[0]).validate(frame)
        else:
            self._validator(kind).validate(frame)

    def check_answer(self, answer: Any, op: str) -> None:
        if answer["code"]:
            self._validator("failed").validate(answer)
        else:
            self._validator(f"{op}.answer").validate(answer)

    def _new_validator(self, message: str) -> Any:
        payload = self.document["components"]["messages"][message]["payload"]
        return jsonschema.Draft202012Validator(
            {**payload, "components": {"schemas": self._schemas}}
        )

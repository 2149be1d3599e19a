"""Reading JSON data with errors that say where: ``classes.normal.sign: …``."""

from collections.abc import Collection, Iterator, Mapping
from datetime import date
from typing import Any, Self

from .units import Limit, LimitError


class PolicyError(ValueError):
    """A policy that cannot be used: ``path`` says where (``classes.normal.sign``), ``code`` is stable."""

    def __init__(self, path: str, code: str, message: str) -> None:
        super().__init__(f"{path or 'policy'}: {message}")
        self.path = path
        self.code = code


class Node:
    """One JSON object and the path to it. Raises ``PolicyError`` whenever something is not as asked for."""

    def __init__(self, data: object, path: str) -> None:
        if not isinstance(data, Mapping):
            raise PolicyError(path, "not_an_object", "an object is expected here")
        self._data: Mapping[str, Any] = data
        self._path = path

    def _at(self, name: str) -> str:
        return f"{self._path}.{name}" if self._path else name

    def _value(self, name: str) -> Any:
        if name not in self._data:
            raise PolicyError(self._at(name), "missing", "a value is needed")
        return self._data[name]

    def has(self, name: str) -> bool:
        """Whether the document says anything of it: a part that came later is missing in documents stored before."""
        return name in self._data

    def only(self, *names: str) -> Self:
        """Refuse any other key: a misspelt one would be ignored in silence."""
        for name in self._data:
            if name not in names:
                raise PolicyError(self._at(str(name)), "unknown_key", f"not known; known here: {', '.join(names)}")
        return self

    def items(self) -> Iterator[tuple[str, "Node"]]:
        """The objects in this one by name."""
        for name in self._data:
            yield name, self.child(name)

    def name_in(self, known: Collection[str]) -> str:
        """This object's own name, which must be a known one."""
        name = self._path.rpartition(".")[2]
        if name not in known:
            raise PolicyError(self._path, "unknown_name", f"not known; known: {', '.join(known)}")
        return name

    def child(self, name: str) -> "Node":
        """The object of that name."""
        return Node(self._value(name), self._at(name))

    def child_or_empty(self, name: str) -> "Node":
        """The object of that name, an empty one where there is none."""
        return self.child(name) if name in self._data else Node({}, self._at(name))

    def integer_or(self, name: str, default: int, *, at_least: int, at_most: int) -> int:
        """A whole number within bounds where there is one."""
        return self.integer(name, at_least=at_least, at_most=at_most) if name in self._data else default

    def integers_by_id(self, *, at_least: int, at_most: int) -> dict[int, int]:
        """Every name is an id, every value a whole number within bounds."""
        for name in self._data:
            if not str(name).isdecimal():
                raise PolicyError(self._at(str(name)), "unknown_name", "an id is expected here")
        return {int(name): self.integer(name, at_least=at_least, at_most=at_most) for name in self._data}

    def limit(self, name: str) -> Limit:
        """A time limit."""
        value = self._value(name)
        try:
            return Limit.from_json(value)
        except LimitError as error:
            raise PolicyError(self._at(name), error.code, str(error)) from error

    def limit_or_none(self, name: str) -> Limit | None:
        """A time limit where there is one."""
        return self.limit(name) if self._data.get(name) is not None else None

    def integer(self, name: str, *, at_least: int, at_most: int | None = None) -> int:
        """A whole number within bounds."""
        value = self._value(name)
        if isinstance(value, bool) or not isinstance(value, int):
            raise PolicyError(self._at(name), "not_an_integer", f"a whole number is expected, not {value!r}")
        if value < at_least or (at_most is not None and value > at_most):
            bounds = f"at least {at_least}" if at_most is None else f"from {at_least} to {at_most}"
            raise PolicyError(self._at(name), "out_of_range", f"{value} is not {bounds}")
        return value

    def boolean(self, name: str) -> bool:
        """True or false."""
        value = self._value(name)
        if not isinstance(value, bool):
            raise PolicyError(self._at(name), "not_a_boolean", f"true or false is expected, not {value!r}")
        return value

    def strings(self, name: str, *, known: Collection[str] | None = None) -> tuple[str, ...]:
        """A list of words, each of them known."""
        value = self._value(name)
        if not isinstance(value, list) or not all(isinstance(word, str) for word in value):
            raise PolicyError(self._at(name), "not_a_list", "a list of words is expected")
        for word in value:
            if known is not None and word not in known:
                raise PolicyError(self._at(name), "unknown_name", f"{word!r} is not known; known: {', '.join(known)}")
        return tuple(value)

    def string_or_none(self, name: str, *, known: Collection[str]) -> str | None:
        """A known word where there is one."""
        value = self._data.get(name)
        if value is not None and value not in known:
            raise PolicyError(self._at(name), "unknown_name", f"{value!r} is not known; known: {', '.join(known)}")
        return value

    def month_day(self, name: str) -> tuple[int, int]:
        """A day of the year written ``11-15``."""
        value = self._value(name)
        try:
            month, day = (int(part) for part in str(value).split("-"))
            date(2024, month, day)
        except ValueError as error:
            raise PolicyError(self._at(name), "bad_day", f"{value!r} is not a day of the year like 11-15") from error
        return month, day

"""The error tree: what it promises to whoever catches, reads or exits by it."""

from __future__ import annotations

import inspect
import re

import pytest

from hindcast.domain import errors
from hindcast.domain.errors import HindcastError, InputError

ALL = [kind for _, kind in inspect.getmembers(errors, inspect.isclass) if issubclass(kind, HindcastError)]


def test_every_class_of_the_module_is_a_hindcast_error():
    assert [kind for _, kind in inspect.getmembers(errors, inspect.isclass) if not issubclass(kind, Exception)] == []
    assert len(ALL) >= 10


@pytest.mark.parametrize("kind", ALL, ids=lambda kind: kind.__name__)
def test_every_error_says_what_to_do_next(kind: type[HindcastError]):
    assert kind.remedy.endswith((".", ")."))
    assert len(kind.remedy.split()) >= 5


@pytest.mark.parametrize("kind", ALL, ids=lambda kind: kind.__name__)
def test_every_error_ends_the_command_line_with_a_failure(kind: type[HindcastError]):
    assert kind.exit_code in {1, 2}


@pytest.mark.parametrize("kind", [kind for kind in ALL if issubclass(kind, InputError)], ids=lambda kind: kind.__name__)
def test_what_the_caller_can_mend_exits_with_2_and_is_a_value_error(kind: type[HindcastError]):
    assert kind.exit_code == 2
    assert issubclass(kind, ValueError)


def test_the_tree_drawn_at_the_top_is_the_tree_of_the_classes():
    drawn = re.findall(r"^([│ ]*)(?:├── |└── )?([A-Z]\w+Error)\b", errors.__doc__ or "", flags=re.MULTILINE)
    assert sorted(name for _, name in drawn) == sorted(kind.__name__ for kind in ALL)


def test_an_error_reads_as_the_message_it_was_given():
    assert str(InputError("capital is -1; it must be above 0")) == "capital is -1; it must be above 0"

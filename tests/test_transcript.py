"""The transcript runner itself: what it reads, what its wildcards accept, and that it can fail."""

from pathlib import Path

import pytest

from transcript import Step, matches, parse_transcript, run_transcript

SHOWN = """\
$ printf 'one\\ntwo\\n'; \\
  echo three >&2
one
two
stderr> three
$ exit 3
exit> 3
"""


def test_a_transcript_is_read_into_steps() -> None:
    """Commands, continued lines, both outputs and the status are told apart."""
    expected = (
        Step(
            command="printf 'one\\ntwo\\n'; \\\n  echo three >&2",
            stdout=("one", "two"),
            stderr=("three",),
        ),
        Step(command="exit 3", status=3),
    )
    assert expected == parse_transcript(SHOWN)


def test_text_before_the_first_command_is_refused() -> None:
    """A block that is no transcript must not pass as an empty one."""
    with pytest.raises(ValueError, match="want '\\$ command'"):
        parse_transcript("one\n$ true\n")


@pytest.mark.parametrize(
    ("expected", "actual", "fits"),
    [
        ((), "", True),
        ((), "one\n", False),
        (("one",), "one", True),
        (("one",), "one\ntwo\n", False),
        (("one", "..."), "one\ntwo\nthree\n", True),
        (("...", "three"), "one\ntwo\nthree\n", True),
        (("...", "three"), "three\n", True),
        (("...",), "", True),
        (("a ... c",), "a b c\n", True),
        (("a ... c",), "a b\n c\n", False),
        (("1.5",), "1x5\n", False),
    ],
)
def test_wildcards_accept_what_they_say(expected: tuple[str, ...], actual: str, fits: bool) -> None:
    """Each row is one way of fitting or of not fitting."""
    assert fits is matches(expected, actual)


def test_commands_run_in_the_folder_and_are_compared(tmp_path: Path) -> None:
    """A right transcript passes; each kind of wrong one fails."""
    run_transcript(parse_transcript(SHOWN + "$ echo x > made\n$ cat made\nx\n"), tmp_path)
    made = (tmp_path / "made").read_text()
    assert made == "x\n"
    for wrong in ("$ echo a\nb\n", "$ exit 2\n", "$ true\nexit> 1\n", "$ echo a >&2\nstderr> b\n"):
        with pytest.raises(AssertionError):
            run_transcript(parse_transcript(wrong), tmp_path)

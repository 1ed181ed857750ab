"""Calendars and duties of an agreement, for its vectors: one good value in both forms, and ways of being wrong."""

from typing import Any

__all__ = ["CALENDARS", "CALENDARS_REFUSED", "DUTIES", "DUTIES_REFUSED", "DUTIES_TOML"]

CALENDARS: dict[str, Any] = {
    "tables": [
        {
            "name": "vienna",
            "weekend": ["saturday", "sunday"],
            "holidays": ["2027-12-24", "2028-01-06"],
            "offsets": [
                {"from": "2027-01-01T00:00:00Z", "minutes": 60},
                {"from": "2027-03-28T01:00:00Z", "minutes": 120},
                {"from": "2027-10-31T01:00:00Z", "minutes": 60},
            ],
        },
        {"name": "newfoundland", "weekend": [], "holidays": [], "offsets": [
            {"from": "1970-01-01T00:00:00Z", "minutes": -210}]},
    ]
}  # fmt: skip

DUTIES: dict[str, Any] = {
    "duties": [
        {
            "name": "register", "clause": "V.5", "text": "Submit the register, and update it.",
            "parties": [], "kinds": ["operator"],
            "starts": [{"event": "in-force", "name": None, "at": None, "within": {"amount": 120, "unit": "days"}}],
            "together": "earliest", "every": {"amount": 90, "unit": "days"}, "times": 40, "calendar": "vienna",
            "evidence": ["chips"], "impossibleBy": {"amount": 2, "unit": "weeks"}, "waivedBy": "standstill",
        },
        {
            "name": "incident", "clause": None, "text": "Report an incident.",
            "parties": ["alder", "birch"], "kinds": [],
            "starts": [
                {"event": "aware", "name": "incident", "at": None, "within": {"amount": 15, "unit": "business-days"}},
                {"event": "aware", "name": "danger", "at": None, "within": {"amount": 24, "unit": "hours"}},
                {"event": "date", "name": None, "at": "2029-01-01T00:00:00Z", "within": {"amount": 0, "unit": "days"}},
            ],
            "together": "latest", "every": None, "times": None, "calendar": "vienna",
            "evidence": [], "impossibleBy": None, "waivedBy": None,
        },
    ]
}  # fmt: skip

DUTIES_TOML = """
[[calendars]]
name = "vienna"
weekend = ["saturday", "sunday"]
holidays = ["2027-12-24", "2028-01-06"]
offsets = [
  { from = "2027-01-01T00:00:00Z", minutes = 60 },
  { from = "2027-03-28T01:00:00Z", minutes = 120 },
  { from = "2027-10-31T01:00:00Z", minutes = 60 },
]

[[calendars]]
name = "newfoundland"
offsets = [{ from = "1970-01-01T00:00:00Z", minutes = -210 }]

[[duties.duty]]
name = "register"
clause = "V.5"
text = "Submit the register, and update it."
kinds = ["operator"]
after = { event = "in-force" }
within = { days = 120 }
every = { days = 90 }
times = 40
calendar = "vienna"
evidence = ["chips"]
impossible_by = { weeks = 2 }
waived_by = "standstill"

[[duties.duty]]
name = "incident"
text = "Report an incident."
parties = ["alder", "birch"]
latest_of = [
  { after = { event = "aware", name = "incident" }, within = { business_days = 15 } },
  { after = { event = "aware", name = "danger" }, within = { hours = 24 } },
  { after = { event = "date", at = "2029-01-01T00:00:00Z" }, within = { days = 0 } },
]
calendar = "vienna"
"""

Place = tuple[str | int, ...]

_FIRST: Place = ("tables", 0)
CALENDARS_REFUSED: list[tuple[str, str, bool, Place, Any]] = [
    ("calendars-null", "what is not agreed is left out, so that it has one spelling", False, (), None),
    ("calendars-none", "an empty list is left out, too", False, ("tables",), []),
    ("calendars-named-utc", "that name is taken", True, (*_FIRST, "name"), "utc"),
    ("calendars-twice", "a calendar is named once", True, (*_FIRST, "name"), "newfoundland"),
    ("calendars-no-business", "some day is one", False, (*_FIRST, "weekend"),
     ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]),
    ("calendars-weekend-out-of-order", "a weekend has one spelling", True, (*_FIRST, "weekend"), ["sunday", "saturday"]),
    ("calendars-weekend-twice", "a day of the week stands once", False, (*_FIRST, "weekend"), ["sunday", "sunday"]),
    ("calendars-unknown-day", "there are seven", False, (*_FIRST, "weekend"), ["caturday"]),
    ("calendars-no-such-day", "holidays are days", True, (*_FIRST, "holidays"), ["2027-02-29"]),
    ("calendars-holidays-descend", "holidays have one order", True, (*_FIRST, "holidays"), ["2028-01-06", "2027-12-24"]),
    ("calendars-holiday-with-time", "a holiday is a date", False, (*_FIRST, "holidays"), ["2027-12-24T00:00:00Z"]),
    ("calendars-offset-too-far", "no clock is further from UTC", False, (*_FIRST, "offsets", 0, "minutes"), 1081),
    ("calendars-offset-as-text", "minutes are an integer", False, (*_FIRST, "offsets", 0, "minutes"), "60"),
    ("calendars-offsets-descend", "changes have one order", True, (*_FIRST, "offsets", 0, "from"), "2027-04-01T00:00:00Z"),
    ("calendars-offset-changes-nothing", "a change changes something", True, (*_FIRST, "offsets", 1, "minutes"), 60),
    ("calendars-unknown-key", "a key that nobody reads could mean anything", False, (*_FIRST, "zone"), "Europe/Vienna"),
]  # fmt: skip

_DUTY: Place = ("duties", 0)
_START: Place = ("duties", 0, "starts", 0)
DUTIES_REFUSED: list[tuple[str, str, bool, Place, Any]] = [
    ("duties-null", "what is not agreed is left out, so that it has one spelling", False, (), None),
    ("duties-none", "an empty list is left out, too", False, ("duties",), []),
    ("duties-twice", "a duty is named once", True, (*_DUTY, "name"), "incident"),
    ("duties-of-nobody", "a duty is somebody's", True, (*_DUTY, "kinds"), []),
    ("duties-of-a-stranger", "a duty is of parties", True, (*_DUTY, "parties"), ["elm"]),
    ("duties-of-a-kind-that-is-not-there", "some party is of that kind", True, (*_DUTY, "kinds"), ["observer"]),
    ("duties-of-an-unknown-kind", "kinds are a closed set", False, (*_DUTY, "kinds"), ["company"]),
    ("duties-party-twice", "a party is named once", False, (*_DUTY, "parties"), ["alder", "alder"]),
    ("duties-empty-text", "a duty says what to do", False, (*_DUTY, "text"), ""),
    ("duties-clause-in-words", "a clause is a number", False, (*_DUTY, "clause"), "the fifth"),
    ("duties-without-clock", "a duty is due some time", False, (*_DUTY, "starts"), []),
    ("duties-unknown-event", "events are a closed set", False, (*_START, "event"), "soon"),
    ("duties-phase-without-name", "which phase is said", True, (*_START, "event"), "phase"),
    ("duties-in-force-with-name", "there is one entry into force", True, (*_START, "name"), "start"),
    ("duties-in-force-with-date", "the date is not agreed but found", True, (*_START, "at"), "2027-06-01T00:00:00Z"),
    ("duties-date-without-date", "an agreed date is agreed", True, (*_START, "event"), "date"),
    ("duties-length-negative", "no clock runs backwards", False, (*_START, "within", "amount"), -1),
    ("duties-length-of-centuries", "a time longer than a century is none", True, (*_START, "within", "amount"), 36601),
    ("duties-length-in-fortnights", "units are a closed set", False, (*_START, "within", "unit"), "fortnights"),
    ("duties-every-minute", "each occurrence is a line for people", True, (*_DUTY, "every"), {"amount": 60000, "unit": "ms"}),
    ("duties-every-never", "a length of nothing recurs for ever at once", True, (*_DUTY, "every"), {"amount": 0, "unit": "days"}),
    ("duties-times-without-every", "what does not recur has no number", True, (*_DUTY, "every"), None),
    ("duties-once-more", "once is no recurrence", False, (*_DUTY, "times"), 1),
    ("duties-latest-of-one", "one clock has one spelling", True, (*_DUTY, "together"), "latest"),
    ("duties-clock-twice", "the same clock twice is one", False, ("duties", 1, "starts", 0),
     {"event": "aware", "name": "danger", "at": None, "within": {"amount": 24, "unit": "hours"}}),
    ("duties-several-recurring", "which of several starts again is not said", True, ("duties", 1, "every"),
     {"amount": 90, "unit": "days"}),
    ("duties-unknown-calendar", "calendars are in the agreement", True, (*_DUTY, "calendar"), "moon"),
    ("duties-business-days-without-calendar", "nobody assumes a calendar", True, ("duties", 1, "calendar"), None),
    ("duties-evidence-twice", "a kind is asked for once", False, (*_DUTY, "evidence"), ["chips", "chips"]),
    ("duties-unknown-key", "a key that nobody reads could mean anything", False, (*_DUTY, "penalty"), "none"),
]  # fmt: skip

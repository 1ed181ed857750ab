"""Rules REG-001 to REG-003: chips that the register does not know, or knows as two things."""

from allstop.finding import Effect, Finding, Subgoal
from allstop.ids import Name
from allstop.verdict._facts import Facts
from allstop.verdict._hits import Hit

__all__ = ["find_two_types", "find_unknown_type", "find_unregistered_chips"]


def find_unknown_type(facts: Facts) -> tuple[Hit, ...]:
    """REG-001: a lot of a chip type that the reference table does not have.

    What it detects:
        Registered chips whose type is not in the table that the agreement pins.
    Why it matters:
        Without the type there is no peak. The chips count as the worst of the table.
    Known problems:
        A chip faster than everything in the table is understated until the table is amended.

    Example:
        Alder registers 512 chips of type h300.
    How to resolve:
        Correct the type, or amend the reference table by agreement.
    Basis:
        DESIGN section 6, capacity; spec/registry.md.
    """
    return tuple(
        _hit(
            "REG-001",
            filed.party,
            filed.value.site,
            f"lot {filed.value.lot}: the type is not in the table",
            (filed.entry,),
        )
        for filed in facts.state.chips
        if facts.table.find_type(filed.value.chip_type) is None
    )


def find_unregistered_chips(facts: Facts) -> tuple[Hit, ...]:
    """REG-002: a job or meter names chips that are not on the register.

    What it detects:
        A declaration or a meter whose chips lie in no registered lot of the site, or beyond its count.
    Why it matters:
        The number of chips that counts is the largest that any evidence names. Fewer on the register
        do not help.
    Known problems:
        Chips that nobody names anywhere are not seen; that is subgoal 2B.

    Example:
        A job on chips 0 to 511 of a lot with 256 registered chips.
    How to resolve:
        Register the chips.
    Basis:
        DESIGN section 6, capacity.
    """
    sizes: dict[tuple[Name, Name], int] = {}
    for filed in facts.state.chips:
        key = (filed.value.site, filed.value.lot)
        sizes[key] = max(sizes.get(key, 0), filed.value.count)
    hits = []
    named = [(f.party, f.entry, f.value.site, f"job {f.value.job}", f.value.chips) for f in facts.state.jobs]
    named += [
        (f.party, f.entry, f.value.site, f"meter {f.value.meter}", f.value.covers) for f in facts.state.meters
    ]
    for party, entry, site, what, pieces in named:
        for piece in pieces:
            if piece.until > sizes.get((site, piece.lot), 0):
                about = f"{what} names chips up to {piece.until} of lot {piece.lot}, {sizes.get((site, piece.lot), 0)} are registered"
                hits.append(_hit("REG-002", party, site, about, (entry,)))
    return tuple(hits)


def find_two_types(facts: Facts) -> tuple[Hit, ...]:
    """REG-003: a lot is registered under more than one type.

    What it detects:
        Registrations of one lot of a site that name different types of chip.
    Why it matters:
        A type says how fast a chip is, what it draws, and below which power it counts as idle. Whoever may
        change it afterwards can make work look idle. The lot counts as the worst of all its types.
    Known problems:
        A typing error cannot be taken back: chips of the right type need a lot of their own.

    Example:
        Alder registers lot-1 as H100, and after an hour of work again as B200.
    How to resolve:
        Explain which is right; register the chips under a new lot for the periods that follow.
    Basis:
        DESIGN section 6, capacity; spec/registry.md.
    """
    types: dict[tuple[Name, Name], Name] = {}
    hits = []
    for filed in facts.state.chips:
        chips = filed.value
        first = types.setdefault((chips.site, chips.lot), chips.chip_type)
        if first != chips.chip_type:
            about = f"lot {chips.lot}: registered as {first} before and as {chips.chip_type} now"
            hits.append(_hit("REG-003", filed.party, chips.site, about, (filed.entry,)))
    return tuple(hits)


def _hit(code: str, party: Name, site: Name, about: str, rests_on: tuple[int, ...]) -> Hit:
    return Hit(
        finding=Finding(
            code=code,
            party=party,
            site=site,
            about=about,
            rests_on=rests_on,
            effect=Effect.NOTE,
            subgoals=(Subgoal.KNOWN_SITES_ACCOUNTED,),
        )
    )

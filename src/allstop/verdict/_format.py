"""The canonical bytes of a verdict (spec/verdict.md). There is no parser: a verdict is re-derived.

Amounts are decimal strings, instants RFC 3339; nothing depends on the machine, the clock or the order
in which anything was read.
"""

from allstop.accountancy import AreaBalance, Expected, JobAccount
from allstop.canon import JSON, format_decimal, format_instant, format_json, format_window
from allstop.finding import format_finding
from allstop.ids import Digest, digest_of
from allstop.verdict._judgement import ClauseResult
from allstop.verdict._levels import JobLevel
from allstop.verdict._replays import Replayed
from allstop.verdict._verdict import CaseVerdict, PartyVerdict, SiteAccount

__all__ = ["format_verdict", "verdict_digest"]


def verdict_digest(verdict: CaseVerdict) -> Digest:
    """Return the SHA-256 of the canonical verdict: one digest for one case."""
    return digest_of(format_json(format_verdict(verdict)))


def format_verdict(verdict: CaseVerdict) -> JSON:
    """Return the verdict as JSON; `verdict_digest` covers all of it."""
    case, terms = verdict.case, verdict.agreement.verification
    in_force = verdict.entry.in_force_from
    return {
        "type": "urn:allstop:verdict:v1",
        "inputs": {
            "policy": case.policy_digest,
            "agreement": case.agreement_digest,
            "references": {"chips": verdict.reference},
            "origin": case.origin,
            "size": format_decimal(case.size),
            "root": case.root.hex(),
            "at": format_instant(verdict.at),
            "blobs": list(case.blobs),
        },
        "notHeld": list(verdict.not_held),
        "inForceFrom": None if in_force is None else format_instant(in_force),
        "isRetrospective": verdict.is_retrospective,
        "entries": {"counted": verdict.state.counted, "pending": verdict.state.pending},
        "significantQuantityFlop": format_decimal(terms.significant_quantity_flop),
        "liars": terms.liars,
        "smallestRunCaughtFlop": _optional(verdict.smallest_run_caught_flop),
        "roomToHideFlop": {
            "f0": format_decimal(verdict.room_flop[0]),
            "f1": format_decimal(verdict.room_flop[1]),
        },
        "verdict": verdict.verdict.value,
        "parties": [_format_party(party) for party in verdict.parties],
        "sites": [_format_site(site) for site in verdict.sites],
        "jobs": [_format_job(job) for job in verdict.jobs],
        "replays": [_format_replayed(replayed) for replayed in verdict.replays],
        "findings": [format_finding(finding) for finding in verdict.findings],
    }


def _format_party(party: PartyVerdict) -> JSON:
    return {
        "party": party.party,
        "verdict": party.verdict.value,
        "subgoals": {
            subgoal.value: "NOT COVERED" if verdict is None else verdict.value
            for subgoal, verdict in party.subgoals.items()
        },
        "clauses": [_format_clause(clause) for clause in party.clauses],
        "cumulative": [
            {
                "clause": total.clause,
                "unit": total.unit.value,
                "low": format_decimal(total.low),
                "high": None if total.high is None else format_decimal(total.high),
            }
            for total in party.cumulative
        ],
        "roomToHideFlop": None if party.room_flop is None else format_decimal(party.room_flop),
    }


def _format_clause(clause: ClauseResult) -> JSON:
    return {
        "clause": clause.clause,
        "kind": clause.kind.value,
        "window": None if clause.window is None else format_window(clause.window),
        "unit": clause.unit.value,
        "low": format_decimal(clause.low),
        "high": None if clause.high is None else format_decimal(clause.high),
        "tolerance": format_decimal(clause.tolerance),
        "verdict": clause.verdict.value,
        "reasons": list(clause.reasons),
    }


def _format_site(site: SiteAccount) -> JSON:
    return {
        "site": site.site,
        "operator": site.operator,
        "roomToHideFlop": {"f0": format_decimal(site.room_flop[0]), "f1": format_decimal(site.room_flop[1])},
        "smallestRunCaughtFlop": _optional(site.smallest_run_caught_flop),
        "measuredMillijoule": _signed(site.measured_millijoule),
        "believedMillijoule": _signed(site.believed_millijoule),
        "periods": [
            {"f0": _format_balance(trusting), "f1": _format_balance(wary)} for trusting, wary in site.balances
        ],
    }


def _signed(value: int) -> str:
    return format_decimal(value) if value >= 0 else "-" + format_decimal(-value)


def _format_balance(balance: AreaBalance) -> JSON:
    return {
        "window": format_window(balance.window),
        "chipMs": format_decimal(balance.chip_ms),
        "capacityFlop": format_decimal(balance.capacity_flop),
        "classes": {kind.value: format_decimal(chip_ms) for kind, chip_ms in balance.by_class},
        "unobservedChipMs": format_decimal(balance.unobserved_chip_ms),
        "roomToHideFlop": format_decimal(balance.room_flop),
        "replayableFlop": format_decimal(balance.replayable_flop),
        "smallestRunCaughtFlop": _optional(balance.caught_flop),
        "roomIfEveryDeclarationIsTrueFlop": format_decimal(balance.room_if_true_flop),
        "jobs": [_format_account(account) for account in balance.by_job],
    }


def _format_account(account: JobAccount) -> JSON:
    return {
        "job": account.job,
        "chipMs": format_decimal(account.chip_ms),
        "unobservedChipMs": format_decimal(account.unobserved_chip_ms),
        "activeChipMs": {
            "low": format_decimal(account.active_low_chip_ms),
            "high": format_decimal(account.active_high_chip_ms),
        },
        "flopHigh": format_decimal(account.flop_high),
        "creditedFlop": format_decimal(account.credited_flop),
        "excessChipMs": {
            "low": format_decimal(account.excess_low_chip_ms),
            "high": format_decimal(account.excess_high_chip_ms),
        },
    }


def _format_job(job: JobLevel) -> JSON:
    return {
        "job": job.job,
        "site": job.site,
        "entry": job.entry,
        "level": "one-sided" if job.level is None else job.level.value,
        "declaredFlop": {"low": format_decimal(job.declared_low), "high": format_decimal(job.declared_high)},
        "flopHigh": format_decimal(job.account.flop_high),
        "observedSharePpm": job.share_ppm,
        "expectedChipMs": _format_expected(job.expected_chip_ms),
        "expectedHardwareFlop": _format_expected(job.expected_hardware_flop),
    }


def _format_replayed(one: Replayed) -> JSON:
    made, draw = one.filed.value, one.draw
    return {
        "transcript": made.transcript,
        "party": one.filed.party,
        "site": made.site,
        "job": made.job,
        "entry": one.filed.entry,
        "window": format_window(made.window),
        "state": one.state.value,
        "why": one.why,
        "items": format_decimal(made.count),
        "sample": format_decimal(one.sample),
        "itemFlop": format_decimal(one.item_flop),
        "draw": None
        if draw is None
        else {
            "noteSize": format_decimal(draw.note.size),
            "items": format_decimal(len(draw.indices)),
            "due": format_instant(draw.due),
        },
        "passed": format_decimal(one.passed),
        "failed": format_decimal(one.failed),
        "refused": format_decimal(one.refused),
        "unverifiable": format_decimal(one.unverifiable),
        "forgedItemsHigh": format_decimal(one.forged_items_high),
        "detectionPpm": one.detection_ppm,
        "provenFlop": format_decimal(one.proven_flop),
        "attestedBy": list(one.attested),
        "itemTimeChipNs": None
        if one.item_ns is None
        else {"low": format_decimal(one.item_ns[0]), "high": format_decimal(one.item_ns[1])},
    }


def _optional(flop: int | None) -> JSON:
    return None if flop is None else format_decimal(flop)


def _format_expected(expected: Expected) -> JSON:
    return {"low": format_decimal(expected.low), "high": format_decimal(expected.high)}

"""The predicates that the fold understands, by name: the one place where they are gathered."""

from collections.abc import Mapping

from allstop import (
    adjudication,
    agreement,
    binding,
    convening,
    duty,
    halting,
    registry,
    signals,
    telemetry,
    transcript,
    workload,
)
from allstop.case import CHECKPOINT
from allstop.ids import Name
from allstop.statement import Predicate

__all__ = ["PREDICATES"]

_ALL: tuple[Predicate[object], ...] = (  # type: ignore[assignment]  # each entry keeps its own body type
    CHECKPOINT,
    agreement.AGREEMENT_PREDICATE,
    agreement.SIGNATURE_PREDICATE,
    agreement.DEPOSIT_PREDICATE,
    binding.APPROVAL_PREDICATE,
    binding.SEALED_DEPOSIT_PREDICATE,
    binding.SHARE_RECEIPT_PREDICATE,
    binding.SHARE_PREDICATE,
    binding.DEPOSIT_WITHDRAWAL_PREDICATE,
    binding.RESERVATION_PREDICATE,
    binding.PROVISIONAL_PREDICATE,
    binding.SUCCESSION_PREDICATE,
    binding.WITHDRAWAL_PREDICATE,
    binding.WITHDRAWAL_REVOCATION_PREDICATE,
    convening.PROPOSAL_PREDICATE,
    convening.PROPOSAL_WITHDRAWAL_PREDICATE,
    convening.COMMENT_PREDICATE,
    convening.ENDORSEMENT_PREDICATE,
    convening.VOTE_PREDICATE,
    registry.SITE_PREDICATE,
    registry.CHIPS_PREDICATE,
    registry.TRANSFER_PREDICATE,
    registry.METER_PREDICATE,
    workload.JOB_PREDICATE,
    telemetry.MEASUREMENT_PREDICATE,
    telemetry.PERIOD_CLOSE_PREDICATE,
    transcript.TRANSCRIPT_PREDICATE,
    transcript.OPENING_PREDICATE,
    transcript.REPLAY_PREDICATE,
    signals.SIGNAL_PREDICATE,
    signals.ASSESSMENT_PREDICATE,
    halting.INVENTORY_PREDICATE,
    halting.RESUMPTION_PREDICATE,
    halting.CLOSED_SITE_PREDICATE,
    duty.FULFILMENT_PREDICATE,
    duty.AWARENESS_PREDICATE,
    duty.IMPOSSIBILITY_PREDICATE,
    adjudication.FINDING_RAISED_PREDICATE,
    adjudication.FINDING_ACKNOWLEDGEMENT_PREDICATE,
    adjudication.FINDING_ANSWER_PREDICATE,
    adjudication.FINDING_CURE_PREDICATE,
    adjudication.FINDING_WITHDRAWAL_PREDICATE,
    adjudication.FINDING_APPEAL_PREDICATE,
    adjudication.FINDING_RULING_PREDICATE,
    adjudication.IMPEDIMENT_PREDICATE,
)

PREDICATES: Mapping[Name, Predicate[object]] = {predicate.name: predicate for predicate in _ALL}
"""Every predicate of this version; a statement with another name stays in the log as a fault."""

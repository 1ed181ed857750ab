"""Workloads: declared jobs, and operations from parameters and tokens.

Predicate `job` with a strict codec; spec/workload.md. A declaration is a claim: whether it fits the meters
is judged by the floors above.
"""

from allstop.workload._job import JOB_PREDICATE, STATED_MAX, Job, JobKind, Purpose, format_job, parse_job
from allstop.workload._operations import (
    Formula,
    operations_2nd,
    operations_4nd_6nd,
    operations_6nd,
    operations_of,
)

__all__ = [
    "JOB_PREDICATE",
    "STATED_MAX",
    "Formula",
    "Job",
    "JobKind",
    "Purpose",
    "format_job",
    "operations_2nd",
    "operations_4nd_6nd",
    "operations_6nd",
    "operations_of",
    "parse_job",
]

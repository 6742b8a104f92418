"""The boundaries of a level: what is wrong with them, proposals that mend it, and what a change changed.

Editing them is `geo.border_edits`. Everything here is WGS 84 on the 1e-7° grid, so that shared vertices are equal
numbers; sizes are those on the ellipsoid (`geo.boundary_sizes`).
"""

from geo.boundary_check import CheckedCoverage, check
from geo.boundary_difference import Difference, difference_of
from geo.boundary_problems import NEAR_M, SLIVER_WIDTH_M, BoundaryProblem, ProblemKind
from geo.boundary_refusals import EditRefused, Refusal
from geo.boundary_repair import MOVED_SHARE, Repair, gap_into, overlap_to, repair, repair_checked

__all__ = [
    "MOVED_SHARE",
    "NEAR_M",
    "SLIVER_WIDTH_M",
    "BoundaryProblem",
    "CheckedCoverage",
    "Difference",
    "EditRefused",
    "ProblemKind",
    "Refusal",
    "Repair",
    "check",
    "difference_of",
    "gap_into",
    "overlap_to",
    "repair",
    "repair_checked",
]

"""Where facilities should stand: solvers that prove their answer or say how far off it can be."""

from geosvc.analysis.siting.answer import SitingAnswer, solve_problem
from geosvc.analysis.siting.capacity import capacitated, site_sizes
from geosvc.analysis.siting.center import p_center
from geosvc.analysis.siting.covering import maximal_covering, set_covering
from geosvc.analysis.siting.document import as_json, why_not_json
from geosvc.analysis.siting.explain import why_not
from geosvc.analysis.siting.median import p_median, p_median_curve
from geosvc.analysis.siting.merging import MergedDemand, members_allocation, merge_demand
from geosvc.analysis.siting.problem import SitingProblem
from geosvc.analysis.siting.result import Allocation, SitingResult
from geosvc.analysis.siting.shortage import why_infeasible

__all__ = [
    "Allocation",
    "MergedDemand",
    "SitingAnswer",
    "SitingProblem",
    "SitingResult",
    "as_json",
    "capacitated",
    "maximal_covering",
    "members_allocation",
    "merge_demand",
    "p_center",
    "p_median",
    "p_median_curve",
    "set_covering",
    "site_sizes",
    "solve_problem",
    "why_infeasible",
    "why_not",
    "why_not_json",
]

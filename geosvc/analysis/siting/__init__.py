"""Where facilities should stand: solvers that prove their answer or say how far off it can be."""

from geosvc.analysis.siting.capacity import capacitated, site_sizes
from geosvc.analysis.siting.covering import maximal_covering, set_covering
from geosvc.analysis.siting.median import p_median, p_median_curve
from geosvc.analysis.siting.merging import MergedDemand, members_allocation, merge_demand
from geosvc.analysis.siting.center import p_center
from geosvc.analysis.siting.result import Allocation, SitingResult

__all__ = [
    "Allocation",
    "MergedDemand",
    "SitingResult",
    "capacitated",
    "maximal_covering",
    "members_allocation",
    "merge_demand",
    "p_center",
    "p_median",
    "p_median_curve",
    "set_covering",
    "site_sizes",
]

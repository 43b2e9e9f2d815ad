"""The numbers that the analysis rests on, in one place; docs/analysis.md says why each has its value.

Limits of process behaviour charts stand in `xmr`, those of sudden shifts in `cusum`: they are conventions.
"""

from __future__ import annotations

#: Relative to the size of the numbers: what rounding leaves of equal ones. Shares may be as small as 1e-9.
ROUNDING = 1e-11

# Noise: the weeks that the robust line is laid through (domain 6.4).
FIT_MIN, FIT_MAX = 8, 26
#: Bias factor of the mean moving range of two (Shewhart's d2).
D2 = 1.128

# What series usually do (domain 6.5 a).
HISTORY_MAX = 104
START_VALUES = 4
ALPHAS = (0.1, 0.2, 0.3, 0.45, 0.6, 0.8, 1.0)
DAMPING = 0.9
DRIFT_SHARE = 0.5
DRIFT_VALUES = 26
WALK_SHARE = 0.3
FIRST_ORIGIN = 10
ORIGINS_MIN = 4
PRIOR_WEIGHT = 4

# The trend of the window and the mixture of both (domain 6.5 b and c).
VALUES_MIN = 8
WINDOW_WEEKS_MIN = 3
#: More than a quarter of the last half year without values, and its rhythm cannot be told.
MISSING_SHARE_MAX = 0.25
MIXTURE_SHARE = 0.5
SETTLING_VARIANCE_SHARE = 0.25
#: Median absolute deviation to standard deviation of a normal distribution.
MAD_SCALE = 1.4826
BANDS = (0.10, 0.25, 0.75, 0.90)
#: Nothing is certain: a chance is told between 1 - SURE and SURE.
SURE = 0.99

# Health (domain 6.6).
TOO_EARLY_WEEKS = 4
SHORT_WINDOW_WEEKS = 3
#: Two calendar months never hold more days than this.
SHORT_WINDOW_DAYS = 62
SILENT_PERIODS = 2
Z_ON, Z_RISK = -1.0, -2.0
#: So far below the plan that even the first weeks are enough to say so.
Z_ALARM = -3.0
GAP_ON, GAP_RISK = -0.05, -0.15
P_ON, P_RISK = 0.60, 0.30
ATTAINMENT_RISK = 0.90
#: Under both of these nothing else counts.
P_LOST, ATTAINMENT_LOST = 0.05, 0.75
RANGE_ON, RANGE_RISK = 0.90, 0.75
#: Without noise a distance to the plan counts as this many standard errors.
Z_WITHOUT_NOISE = 9.0

# Readings: how many periods further back one may look to replace gaps (domain 6.1).
REACH = 2
# Weekdays and holidays (domain 6.3).
FACTOR_WEEKS, FACTOR_MIN_WEEKS = 26, 4
#: Of one holiday alone nobody can tell what holidays do.
HOLIDAYS_MIN = 2

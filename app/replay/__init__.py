"""What the tables hold beside what the record says: all rows rebuilt from the events alone."""

from app.replay.kinds import PROJECTIONS as PROJECTIONS
from app.replay.whole import Counted as Counted
from app.replay.whole import owners as owners
from app.replay.whole import replay as replay

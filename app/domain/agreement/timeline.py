"""The status history of an agreement as a line; it is the one that corridors have too."""

from app.domain.machine.timeline import in_order as in_order
from app.domain.machine.timeline import status_at as status_at

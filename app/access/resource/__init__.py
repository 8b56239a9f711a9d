"""Simple resources: things of plain fields, each field an aspect of the record.

A kind of resource brings its schemas, the row of its present state, its own rule and who may know
of it; making, changing, reading and listing are the same for all and stand here.
"""

from app.access.resource.answer import made as made
from app.access.resource.answer import shown as shown
from app.access.resource.bodies import Correcting as Correcting
from app.access.resource.bodies import Recorded as Recorded
from app.access.resource.bodies import WarningOut as WarningOut
from app.access.resource.bodies import keep as keep
from app.access.resource.change import begin as begin
from app.access.resource.change import edit as edit
from app.access.resource.change import hold as hold
from app.access.resource.erasing import blanking as blanking
from app.access.resource.kind import Kind as Kind
from app.access.resource.kind import Noted as Noted
from app.access.resource.kind import Plan as Plan
from app.access.resource.listing import Filter as Filter
from app.access.resource.listing import equal as equal
from app.access.resource.listing import key_of as key_of
from app.access.resource.listing import page as page
from app.access.resource.queries import Asked as Asked
from app.access.resource.queries import Truth as Truth
from app.access.resource.queries import WholeNumber as WholeNumber
from app.access.resource.state import State as State
from app.access.resource.state import after as after
from app.access.resource.state import exists as exists
from app.access.resource.state import read as read
from app.access.resource.state import read_many as read_many
from app.access.resource.state import reading_of as reading_of
from app.access.resource.values import Values as Values
from app.access.resource.values import as_json as as_json
from app.access.resource.values import given as given
from app.access.resource.values import warned as warned

"""Every method of Users, Teams, Account and Locale of the Python SDK, called once with good and once with bad input."""

from appwrite.services.account import Account
from appwrite.services.locale import Locale
from appwrite.services.teams import Teams
from appwrite.services.users import Users

from checks import backend, run_lane
from sweeping import absent
from sweeping.account import AccountMethods
from sweeping.locale import LocaleMethods
from sweeping.people import Person
from sweeping.teams import TeamsMethods
from sweeping.through import sweep
from sweeping.users import UsersMethods

ada = Person()
counted = [
    sweep(Users, UsersMethods, absent.USERS, Users(backend())),
    sweep(Teams, TeamsMethods, absent.TEAMS, Teams(backend())),
    sweep(Account, AccountMethods, absent.ACCOUNT, ada.account),
    sweep(Locale, LocaleMethods, {}, Locale(backend())),
]
print("\n".join(counted), flush=True)
run_lane()

"""Stage two: sessions that the backend makes, and what they let the Python SDK read."""

from appwrite.permission import Permission
from appwrite.query import Query
from appwrite.role import Role
from appwrite.services.account import Account
from appwrite.services.presences import Presences
from appwrite.services.teams import Teams
from appwrite.services.users import Users

from checks import backend, check, client, equal, fresh, refused, run_lane

presences = Presences(backend())
teams = Teams(backend())
users = Users(backend())


def signed_in():
    """A new user, and a client that is signed in as they are."""
    user_id = users.create(fresh("user")).id
    return user_id, client().set_session(users.create_session(user_id).secret)


def present(*roles):
    """A presence of somebody else that these roles may read."""
    user_id = users.create(fresh("user")).id
    return presences.upsert(fresh("presence"), user_id, "online", [Permission.read(role) for role in roles])


def ids_seen(reader):
    return {presence.id for presence in Presences(reader).list([Query.limit(100)]).presences}


@check
def a_session_made_by_the_backend_signs_a_client_in():
    user_id, reader = signed_in()
    equal(Account(reader).get().id, user_id, "who is signed in")


@check
def a_user_reads_what_the_roles_allow():
    user_id, reader = signed_in()
    shown, hidden = present(Role.users()), present(Role.user("somebody"))
    direct = present(Role.user(user_id))
    seen = ids_seen(reader)
    equal((shown.id in seen, direct.id in seen, hidden.id in seen), (True, True, False), "what the list has")
    refused(404, "presence_not_found", lambda: Presences(reader).get(hidden.id))


@check
def a_member_reads_the_presences_of_the_team():
    user_id, reader = signed_in()
    team = teams.create(fresh("team"), "Crew")
    made = present(Role.team(team.id))
    refused(404, "presence_not_found", lambda: Presences(reader).get(made.id))
    teams.create_membership(team.id, [], user_id=user_id)
    equal(Presences(reader).get(made.id), made, "what a member reads")


@check
def a_user_may_not_write_in_the_name_of_a_user():
    user_id, writer = signed_in()
    upsert = lambda: Presences(writer).upsert(fresh("presence"), user_id, "online")
    refused(401, "general_unauthorized_scope", upsert)


@check
def the_owner_deletes_a_presence_that_the_backend_made():
    user_id, owner = signed_in()
    made = presences.upsert(fresh("presence"), user_id, "online", [Permission.read(Role.users())])
    _, other = signed_in()
    refused(401, "user_unauthorized", lambda: Presences(other).delete(made.id))
    Presences(owner).delete(made.id)
    refused(404, "presence_not_found", lambda: presences.get(made.id))


run_lane()

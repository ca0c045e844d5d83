"""Stage one: the Python SDK with an API key."""

from datetime import datetime

from appwrite.permission import Permission
from appwrite.query import Query
from appwrite.role import Role
from appwrite.services.presences import Presences
from appwrite.services.users import Users

from checks import backend, check, client, equal, fresh, in_seconds, refused, run_lane

presences = Presences(backend())
users = Users(backend())


def new_user():
    return users.create(fresh("user")).id


def present(user_id=None, status="online", **fields):
    fields.setdefault("presence_id", fresh("presence"))
    return presences.upsert(user_id=user_id or new_user(), status=status, **fields)


@check
def upsert_makes_a_presence_with_all_its_fields():
    user_id = new_user()
    permissions = [Permission.read(Role.users())]
    made = presences.upsert("python-1", user_id, "online", permissions, metadata={"page": "/dashboard"})
    equal((made.id, made.userid, made.status, made.source), ("python-1", user_id, "online", "rest"), "the presence")
    equal((made.permissions, made.metadata), (permissions, {"page": "/dashboard"}), "permissions and metadata")
    for moment in (made.createdat, made.updatedat, made.expiresat):
        datetime.fromisoformat(moment)


@check
def get_gives_what_upsert_gave():
    made = present()
    equal(presences.get(made.id), made, "the presence")


@check
def a_second_upsert_of_a_user_keeps_the_first_id():
    made = present()
    again = present(made.userid, "busy")
    equal((again.id, again.status, again.createdat), (made.id, "busy", made.createdat), "the presence")


@check
def list_finds_by_query_and_counts():
    status = fresh("status")
    made = [present(status=status) for _ in range(3)]
    wanted = Query.equal("status", [status])
    found = presences.list([wanted])
    equal(([one.id for one in found.presences], found.total), ([one.id for one in made], 3), "the list")
    page = presences.list([wanted, Query.limit(1), Query.offset(1)])
    equal([one.id for one in page.presences], [made[1].id], "the page after the first")
    equal(presences.list([wanted], total=False).total, 0, "the total that was not asked for")


@check
def update_changes_what_it_names_and_nothing_else():
    made = present(metadata={"page": "/a"})
    changed = presences.update(made.id, made.userid, status="away", expires_at=in_seconds(600))
    equal((changed.status, changed.metadata, changed.createdat), ("away", {"page": "/a"}, made.createdat), "the presence")


@check
def delete_answers_without_a_body_and_the_presence_is_gone():
    made = present()
    equal(presences.delete(made.id), b"", "the answer")
    refused(404, "presence_not_found", lambda: presences.get(made.id))
    refused(404, "presence_not_found", lambda: presences.delete(made.id))


@check
def what_is_not_valid_is_refused():
    user_id = new_user()
    invalid = [
        {"presence_id": "unique()"},
        {"status": ""},
        {"expires_at": "tomorrow"},
        {"expires_at": in_seconds(-60)},
        {"permissions": ["read(users)"]},
    ]
    for fields in invalid:
        refused(400, "general_argument_invalid", lambda: present(user_id, **fields))


@check
def a_user_who_does_not_exist_has_no_presence():
    refused(404, "user_not_found", lambda: present("nobody"))


@check
def an_id_that_another_presence_has_is_refused():
    made = present()
    refused(409, "presence_already_exists", lambda: present(presence_id=made.id))


@check
def without_a_key_nothing_is_listed():
    refused(401, "general_unauthorized_scope", lambda: Presences(client()).list())


run_lane()

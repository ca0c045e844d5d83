"""Who calls in the sweep, and what all of its methods check of an answer."""

import time
from datetime import datetime

from appwrite.id import ID
from appwrite.services.account import Account
from appwrite.services.users import Users

from checks import backend, client, refused

PASSWORD = "correct-horse-battery"
NOTED_WITHIN_SECONDS = 15

users = Users(backend())
NOT_SIGNED_IN = (401, "general_unauthorized_scope")
INVALID = (400, "general_argument_invalid")


class Person:
    """A new user with a session; that they were seen has been noted."""

    def __init__(self):
        made = new_user()
        self.id, self.email = made.id, made.email
        self.session = users.create_session(self.id)
        self.client = client().set_session(self.session.secret)
        self.account = Account(self.client)
        end = time.monotonic() + NOTED_WITHIN_SECONDS
        while self.account.get().accessedat == "":
            if time.monotonic() > end:
                raise AssertionError("the first use was not noted")
            time.sleep(0.02)


def new_user():
    """A user with an email, a password and a name, made by the backend."""
    user_id = ID.unique()
    return users.create(user_id, email=f"{user_id}@example.com", password=PASSWORD, name="Ada")


def guest(service):
    """A service that nobody has signed in to."""
    return service(client())


def invalid(call):
    refused(*INVALID, call)


def out(call):
    refused(*NOT_SIGNED_IN, call)


def moments(*texts):
    """Holds that texts are moments."""
    for text in texts:
        datetime.fromisoformat(text)


def signs_in(secret, user_id):
    """Holds that the secret of a session signs this user in."""
    found = Account(client().set_session(secret)).get().id
    if found != user_id:
        raise AssertionError(f"the session signs in {found}, not {user_id}")

"""Text whose characters stand for bytes, as Python 2 had it: what the converted cases need beside the language.

The cases spell payloads as text of characters below 256; everything here takes and gives such text.
"""

import binascii

from autobahn.websocket import utf8validator


def to_bytes(text):
    """The bytes that the text stands for; bytes stay as they are."""
    return text.encode("latin-1") if isinstance(text, str) else bytes(text or b"")


def to_text(data):
    """The text that stands for the bytes."""
    return data if isinstance(data, str) else bytes(data).decode("latin-1")


def b2a_hex(text):
    return to_text(binascii.b2a_hex(to_bytes(text)))


def unhexlify(text):
    return to_text(binascii.unhexlify(to_bytes(text)))


class Utf8Validator(utf8validator.Utf8Validator):
    def validate(self, text):
        return super().validate(to_bytes(text))

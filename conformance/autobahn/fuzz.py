"""Runs the converted cases against a server that echoes: `fuzz.py FOLDER HOST:PORT some|all|CASE...`.

Prints `ok CASE`, `FAIL CASE: why` or `apart CASE: why` for each and ends with `N passed, N failed`. Apart is what the
suite calls INFORMATIONAL or NON-STRICT; each such case has to be known by name, with its reason.
"""

import sys
import time
import warnings

warnings.simplefilter("ignore")
sys.path.insert(0, sys.argv[1])

from autobahn.twisted.websocket import WebSocketClientFactory, WebSocketClientProtocol  # noqa: E402
from autobahntestsuite.case import Cases  # noqa: E402
from autobahntestsuite.case.bytetext import to_bytes, to_text  # noqa: E402
from twisted.internet import reactor  # noqa: E402

GROUPS = ["1", "2", "3", "4", "5", "6", "7", "9", "10", "12", "13"]
# These groups repeat themselves with ever longer messages, in whole and in fragments.
COMPRESSION = ["12", "13"]
SOME = 9
APART = {
    "7.1.6": "a close right behind a message of 256 KiB: whether the echo still comes is left open",
    "7.13.1": "a close code of 5000: what answers it is left open",
    "7.13.2": "a close code of 65535: what answers it is left open",
}


def number(case):
    """`Case1_2_3` is 1.2.3."""
    return case.__name__[len("Case"):].replace("_", ".")


def chosen(words):
    by_number = {number(case): case for case in Cases}
    if words not in (["some"], ["all"]):
        return [by_number[word] for word in words]
    cases = []
    for name, case in by_number.items():
        group, last = name.split(".")[0], int(name.split(".")[-1])
        if group in GROUPS and (words == ["all"] or group not in COMPRESSION or last <= SOME):
            cases.append(case)
    return cases


class Fuzzer(WebSocketClientProtocol):
    """One connection that runs one case; what a case calls on it is named by the suite."""

    connectionWasOpen = False
    createWirelog = False

    def onOpen(self):
        self.connectionWasOpen = True
        self.runner.onOpen()

    def onMessage(self, payload, is_binary):
        # Only the compression cases compare bytes.
        compressed = number(self.factory.case).split(".")[0] in COMPRESSION
        self.runner.onMessage(payload if compressed else to_text(payload), is_binary)

    def onPing(self, payload):
        self.runner.onPing(to_text(payload))
        super().onPing(payload)

    def onPong(self, payload):
        self.runner.onPong(to_text(payload))

    def onClose(self, was_clean, code, reason):
        self.runner.onClose(was_clean, code, reason)

    def connectionLost(self, reason):
        super().connectionLost(reason)
        self.runner.onConnectionLost(self.failedByMe)

    def logTxFrame(self, header, payload, repeat_length, chop_bytes, sync):
        self.txFrameStats[header.opcode] = self.txFrameStats.get(header.opcode, 0) + 1

    def logRxFrame(self, header, payload):
        pass

    def enableWirelog(self, enable):
        pass

    def continueLater(self, delay, continuation, tag=None):
        reactor.callLater(delay, self.unless_closed, continuation)

    def killAfter(self, delay):
        reactor.callLater(delay, self.unless_closed, self.failConnection)

    def closeAfter(self, delay):
        reactor.callLater(delay, self.unless_closed, self.sendClose)

    def failConnection(self):
        self._fail_connection()

    def unless_closed(self, action):
        if self.state != self.STATE_CLOSED:
            action()

    def sendFrame(self, opcode, payload=b"", mask=None, **options):
        mask = None if mask is None else to_bytes(mask)
        super().sendFrame(opcode, to_bytes(payload), mask=mask, **options)

    def sendMessage(self, payload, isBinary=False, **options):
        super().sendMessage(to_bytes(payload), isBinary, **options)

    def sendMessageFrameData(self, payload, sync=False):
        return super().sendMessageFrameData(to_bytes(payload), sync)

    def sendCloseFrame(self, code=None, reasonUtf8=None, isReply=False):
        reason = None if reasonUtf8 is None else to_bytes(reasonUtf8)
        super().sendCloseFrame(code=code, reasonUtf8=reason, isReply=isReply)


class Attempt(WebSocketClientFactory):
    """One case on its own connection."""

    noisy = False

    def __init__(self, url, case, done):
        super().__init__(url)
        self.case, self.done, self.runner = case, done, None
        self.logFrames = True
        # A peer that is failed gets a close frame first.
        self.setProtocolOptions(failByDrop=False)

    def buildProtocol(self, address):
        protocol = Fuzzer()
        protocol.factory, protocol.txFrameStats = self, {}
        self.runner = protocol.runner = self.case(protocol)
        return protocol

    def clientConnectionLost(self, connector, reason):
        self.done(self.runner)

    def clientConnectionFailed(self, connector, reason):
        print(f"no connection: {reason.getErrorMessage()}", flush=True)
        reactor.stop()


class Run:
    """The cases one after another, and how they ended."""

    def __init__(self, address, cases):
        self.host, port = address.rsplit(":", 1)
        self.port, self.cases = int(port), iter(cases)
        self.counts = {"ok": 0, "FAIL": 0, "apart": 0}
        self.is_done = False

    def next(self):
        case = next(self.cases, None)
        if case is None:
            self.is_done = True
            reactor.stop()
            return
        started = time.monotonic()
        attempt = Attempt(f"ws://{self.host}:{self.port}", case, lambda runner: self.tell(case, runner, started))
        reactor.connectTCP(self.host, self.port, attempt)

    def tell(self, case, runner, started):
        name, took = number(case), time.monotonic() - started
        ends = {runner.behavior, runner.behaviorClose}
        if ends == {case.OK}:
            self.line("ok", f"{name} ({took:.1f} s)")
        elif ends <= {case.OK, case.INFORMATIONAL, case.NON_STRICT} and name in APART:
            self.line("apart", f"{name}: {runner.behavior}, {APART[name]}")
        else:
            why = f"{runner.behavior}, {runner.result} Close: {runner.behaviorClose}, {runner.resultClose}"
            self.line("FAIL", f"{name}: {why}")
        self.next()

    def line(self, kind, text):
        self.counts[kind] += 1
        print(kind, text, flush=True)


def main():
    run = Run(sys.argv[2], chosen(sys.argv[3:]))
    reactor.callWhenRunning(run.next)
    reactor.run()
    if not run.is_done:
        sys.exit("the run did not come to its end")
    print(f"{run.counts['ok']} passed, {run.counts['FAIL']} failed", flush=True)
    sys.exit(1 if run.counts["FAIL"] else 0)


main()

"""Calls every method of an SDK's class: what is exercised, what is known to be absent, and that nothing is neither."""

import inspect

from checks import check, equal, refused


def methods_of(service):
    """All public methods of a class, by name."""
    return sorted(name for name, _ in inspect.getmembers(service, inspect.isfunction) if not name.startswith("_"))


def sweep(service, exercised, absent, instance):
    """Registers the checks of one class and gives the line that counts them.

    `exercised` is a class whose attributes have the names of methods, each with `good` and `bad`; a `good` that is a
    sentence says why it cannot be called well here. `absent` has the reason for each method that is not offered.
    """
    name = service.__name__
    methods = methods_of(service)
    called = {method: pair for method, pair in vars(exercised).items() if not method.startswith("_")}

    def complete():
        both = [method for method in methods if (method in called) == (method in absent)]
        equal(both, [], "what is in neither list, or in both")
        equal([method for method in (*called, *absent) if method not in methods], [], "what the SDK does not have")

    _named(f"{name}: every method of the SDK is either exercised or known to be absent", complete)
    for method, pair in called.items():
        if isinstance(pair.good, str):
            print(f"note {name}.{method} is called with bad input alone: {pair.good}", flush=True)
        else:
            _named(f"{name}.{method}, good input", pair.good)
        _named(f"{name}.{method}, bad input", pair.bad)
    for method, reason in absent.items():
        _named(f"{name}.{method} does not exist here: {reason}", _unknown(instance, method))
    return f"counted {name}: {len(called)} exercised, {len(absent)} absent, of {len(methods)}"


def _unknown(instance, method):
    def call():
        function = getattr(instance, method)
        required = [
            parameter
            for parameter in inspect.signature(function).parameters.values()
            if parameter.default is inspect.Parameter.empty
        ]
        refused(404, "general_route_not_found", lambda: function(*[_value_of(parameter) for parameter in required]))

    return call


def _value_of(parameter):
    """Something that the SDK sends on."""
    text = str(parameter.annotation)
    if "bool" in text:
        return True
    if "float" in text or "int" in text.replace("Hint", ""):
        return 1
    if "List" in text:
        return []
    if "Dict" in text or "dict" in text:
        return {}
    return "x"


def _named(name, body):
    body.__name__ = name
    check(body)

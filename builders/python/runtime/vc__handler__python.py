"""Starts this service, wherever the folder lies: PORT=8000 python3 vc__handler__python.py"""

import os
import site
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
APP = {}

# Packages before their own .pth files, svc's server after everything that the app brings.
_packages = os.path.join(HERE, "_vendor")
_known = set(sys.path)
site.addsitedir(_packages)
_added = [path for path in sys.path if path not in _known and path != _packages]
_own = [os.path.normpath(os.path.join(HERE, path)) for path in APP["paths"]]
_first = [*_own, _packages, *_added]
sys.path[:] = [*_first, *(path for path in sys.path if path not in _first), os.path.join(HERE, "_svc")]

os.environ["__VC_HANDLER_MODULE_NAME"] = APP["module"]
os.environ["__VC_HANDLER_ENTRYPOINT"] = APP["file"]
os.environ["__VC_HANDLER_ENTRYPOINT_ABS"] = os.path.join(HERE, APP["file"])
os.environ["__VC_HANDLER_VARIABLE_NAME"] = APP["attribute"]
os.environ["__VC_HANDLER_VENDOR_DIR"] = "_vendor"


def _has_platform_runtime():
    return os.path.isdir(os.path.join(_packages, "vercel_runtime"))


if os.environ.get("PORT") or not _has_platform_runtime():
    if __name__ == "__main__":
        import vc_server

        vc_server.main(APP["module"], APP["attribute"])
else:
    # The platform's own way: over VERCEL_IPC_PATH, or by events that it hands to vc_handler.
    from vercel_runtime.vc_init import vc_handler  # noqa: F401

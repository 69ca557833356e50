# SPDX-License-Identifier: BSD-3-Clause
"""Finding and declaring the C library (include/nnpmd/nnpmd.h)."""
import ctypes
import ctypes.util
import os
import sys

ERROR_MAX = 2048


class Error(RuntimeError):
    """What the library found wrong; `code` is that of nnpmd.h (2: input, 3: physics, 4: system)."""

    def __init__(self, code, text):
        super().__init__(text)
        self.code = code


class Structure(ctypes.Structure):
    _fields_ = [("n", ctypes.c_int64), ("atomic_number", ctypes.c_void_p), ("position", ctypes.c_void_p),
                ("cell", ctypes.c_void_p), ("periodic", ctypes.c_void_p)]


class Options(ctypes.Structure):
    _fields_ = [("length_unit", ctypes.c_char_p), ("energy_unit", ctypes.c_char_p), ("precision", ctypes.c_char_p)]


class RawResults(ctypes.Structure):
    _fields_ = [("energy", ctypes.c_double), ("virial", ctypes.c_double * 9), ("extrapolations", ctypes.c_int64),
                ("force", ctypes.c_void_p), ("atom_energy", ctypes.c_void_p), ("atom_virial", ctypes.c_void_p),
                ("members", ctypes.c_int), ("sigma", ctypes.c_double), ("sigma_energy", ctypes.c_void_p),
                ("sigma_force", ctypes.c_void_p)]


def _candidates():
    name = "libnnpmd.dylib" if sys.platform == "darwin" else "libnnpmd.so"
    yield os.environ.get("NNPMD_LIBRARY")
    yield os.path.join(os.path.dirname(__file__), name)
    yield os.path.join(sys.prefix, "lib", name)
    yield ctypes.util.find_library("nnpmd")
    yield name + ".0"


def _open():
    tried = []
    for path in filter(None, _candidates()):
        try:
            return ctypes.CDLL(path)
        except OSError as problem:
            tried.append("%s (%s)" % (path, problem))
    raise ImportError("the library of nnpmd was not found; install nnpmd (cmake --install) or set NNPMD_LIBRARY to its "
                      "path; tried: " + "; ".join(tried))


def _declare(lib):
    text, pointer, size = ctypes.c_char_p, ctypes.c_void_p, ctypes.c_size_t
    lib.nnpmd_version.restype = text
    lib.nnpmd_load.argtypes = [text, ctypes.POINTER(Options), ctypes.POINTER(pointer), text, size]
    lib.nnpmd_load_input.argtypes = [text, pointer, ctypes.c_int, ctypes.POINTER(pointer), text, size]
    lib.nnpmd_free.argtypes = [pointer]
    lib.nnpmd_free.restype = None
    lib.nnpmd_cutoff.argtypes = [pointer]
    lib.nnpmd_cutoff.restype = ctypes.c_double
    lib.nnpmd_elements.argtypes = [pointer, pointer, ctypes.c_int]
    lib.nnpmd_evaluate.argtypes = [pointer, ctypes.POINTER(Structure), ctypes.POINTER(RawResults), text, size]
    return lib


lib = _declare(_open())


def check(function, *arguments):
    """Call a function that ends in (error, error_size); raise Error with its text."""
    text = ctypes.create_string_buffer(ERROR_MAX)
    code = function(*arguments, text, ERROR_MAX)
    if code != 0:
        raise Error(code, text.value.decode("utf-8", "replace"))


def library_version():
    return lib.nnpmd_version().decode()

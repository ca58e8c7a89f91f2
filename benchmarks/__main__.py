"""`python -m benchmarks [case …] [--markdown FILE]`: symnet beside other libraries, in one run of one process.

One thread, process CPU time. A ratio below 1 says that symnet's first row took less time than that contender.
"""

from __future__ import annotations

import argparse
import gc
import os

for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_name, "1")
os.environ.setdefault("XLA_FLAGS", "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1")
os.environ.setdefault("JAX_ENABLE_X64", "1")
os.environ.setdefault("JAX_PLATFORMS", "cpu")


def main() -> None:
    from .cases import TABLE
    from .timing import readable

    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("cases", nargs="*", metavar="case", help=f"of {', '.join(TABLE)}; all if none is named")
    parser.add_argument("--markdown", metavar="FILE", help="append the tables to a Markdown file")
    asked = parser.parse_args()
    unknown = [c for c in asked.cases if c not in TABLE]
    if unknown:
        parser.error(f"there is no case {unknown[0]}; there is {', '.join(TABLE)}")
    _load_peers()
    gc.collect()
    gc.freeze()  # what the imports left is not looked through again and again
    for name in asked.cases or TABLE:
        lines = [f"## {name}", "", (TABLE[name].__doc__ or "").strip(), "", "| | | time | symnet's time / this |",
                 "|---|---|---|---|"]  # fmt: skip
        for what, contender, seconds, ratio in TABLE[name]():
            time = f"{seconds:.3f}" if "exponent" in what else readable(seconds)
            lines.append(f"| {what} | {contender} | {time} | {ratio:.2f} |")
        text = "\n".join(lines) + "\n"
        print(text, flush=True)
        if asked.markdown:
            with open(asked.markdown, "a", encoding="utf-8") as file:
                file.write("\n" + text)


def _load_peers() -> None:
    """Everything is imported before anything is measured."""
    from importlib import import_module
    from importlib.util import find_spec

    for name in ("sympy", "symengine", "casadi", "jax", "jax.numpy", "torch", "numba", "autograd"):
        if find_spec(name.split(".")[0]):
            module = import_module(name)
            if name == "torch":
                module.set_num_threads(1)


if __name__ == "__main__":
    main()

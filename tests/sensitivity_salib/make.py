"""Writes sobol.csv, morris.csv and indices.csv: samples, outputs and what SALib makes of them.

Usage: python3 -m venv env && env/bin/pip install SALib==1.6.0 && env/bin/python tests/sensitivity_salib/make.py
The test `sensitivity_salib` only reads the files.
"""

import pathlib
from importlib.metadata import version

import numpy as np
from SALib.analyze import morris as morris_analyze
from SALib.analyze import sobol as sobol_analyze
from SALib.sample import morris as morris_sample
from SALib.sample import sobol as sobol_sample

HERE = pathlib.Path(__file__).parent
PROBLEM = {"num_vars": 4, "names": ["a", "b", "c", "d"], "bounds": [[0, 1]] * 4}


def model(x):
    """Ishigami's function of the first three, and a term of the fourth that interacts with the first."""
    a, b, c = (2 * x[:, :3] - 1).T * np.pi
    return np.sin(a) + 7 * np.sin(b) ** 2 + 0.1 * c**4 * np.sin(a) + 2 * x[:, 3] * x[:, 0] + 3


def write(name, x):
    table = np.column_stack([x, model(x)])
    np.savetxt(HERE / name, table, fmt="%.17g", delimiter=",", header="a,b,c,d,y", comments="")


sobol_x = sobol_sample.sample(PROBLEM, 64, calc_second_order=True, scramble=True, seed=1)
morris_x = morris_sample.sample(PROBLEM, 12, num_levels=4, seed=1)
write("sobol.csv", sobol_x)
write("morris.csv", morris_x)
sobol = sobol_analyze.analyze(PROBLEM, model(sobol_x), calc_second_order=True, seed=1)
morris = morris_analyze.analyze(PROBLEM, morris_x, model(morris_x), num_levels=4, seed=1)
with open(HERE / "indices.csv", "w") as out:
    out.write("index,factor,other,value\n")
    for i, name in enumerate(PROBLEM["names"]):
        for index in ["S1", "ST"]:
            out.write(f"{index},{name},,{float(sobol[index][i])!r}\n")
        for index in ["mu", "mu_star", "sigma"]:
            out.write(f"{index},{name},,{float(morris[index][i])!r}\n")
        for j in range(i + 1, 4):
            out.write(f"S2,{name},{PROBLEM['names'][j]},{float(sobol['S2'][i, j])!r}\n")
print("SALib", version("SALib"))

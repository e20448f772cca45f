"""Measurements of scalability that others published, as (concurrencies, throughputs)."""

import numpy as np

from capacity.samples import Floats

#: SPEC SDM91; Gunther, Guerrilla Capacity Planning (2007), by way of CRAN's package usl.
SPEC_SDM91: tuple[Floats, Floats] = (
    np.array([1.0, 18, 36, 72, 108, 144, 216]),
    np.array([64.9, 995.9, 1652.4, 1853.2, 1828.9, 1775.0, 1702.2]),
)
#: A ray tracer on up to 64 processors; from the same book.
RAY_TRACER: tuple[Floats, Floats] = (
    np.array([1.0, 4, 8, 12, 16, 20, 24, 28, 32, 48, 64]),
    np.array([20.0, 78, 130, 170, 190, 200, 210, 230, 260, 280, 310]),
)
#: A Cisco server; Schwartz, Practical Scalability Analysis with the Universal Scalability Law (2015).
CISCO: tuple[Floats, Floats] = (
    np.arange(1.0, 33.0),
    np.array(
        [
            *(955.16, 1878.91, 2688.01, 3548.68, 4315.54, 5130.43, 5931.37, 6531.08),
            *(7219.8, 7867.61, 8278.71, 8646.7, 9047.84, 9426.55, 9645.37, 9897.24),
            *(10097.6, 10240.5, 10532.39, 10798.52, 11151.43, 11518.63, 11806, 12089.37),
            *(12075.41, 12177.29, 12211.41, 12158.93, 12155.27, 12118.04, 12140.4, 12074.39),
        ]
    ),
)
#: The throughput that the Cisco measurements reached, at N = 27.
CISCO_MOST = 12211.41


def first(data: tuple[Floats, Floats], k: int) -> tuple[Floats, Floats]:
    """Return the measurements at the `k` smallest concurrencies."""
    return data[0][:k], data[1][:k]

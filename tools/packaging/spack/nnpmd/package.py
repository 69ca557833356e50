# SPDX-License-Identifier: BSD-3-Clause
from spack.package import *


class Nnpmd(CMakePackage):
    """Molecular dynamics with Behler-Parrinello neural-network potentials, in C11 and MPI: one input file in YAML,
    runs that repeat bit for bit, analysis tools, training of potentials."""

    homepage = "https://example.org/nnpmd"
    # Where the source is: set it, or build a clone with `spack dev-build nnpmd@main` or `spack develop`.
    git = "https://example.org/nnpmd.git"

    license("BSD-3-Clause")

    version("main", branch="main")

    variant("zstd", default=True, description="Trajectories through zstd")
    variant("netcdf", default=True, description="AMBER NetCDF trajectories, written by all ranks (PnetCDF)")
    variant("spglib", default=False, description="Space groups of structures in nnpmd-mixing")
    variant("openmp", default=True, description="Threads within a rank")

    depends_on("c", type="build")
    depends_on("cmake@3.20:", type="build")
    depends_on("pkgconfig", type="build")
    depends_on("mpi")
    depends_on("openblas threads=none")
    depends_on("fftw@3.3: +mpi")
    depends_on("libyaml")
    depends_on("zlib-api")
    depends_on("xxhash")
    depends_on("nlopt")
    depends_on("random123", type="build")
    depends_on("zstd", when="+zstd")
    depends_on("parallel-netcdf", when="+netcdf")
    depends_on("spglib", when="+spglib")
    depends_on("cunit", type="test")
    depends_on("python@3.7:", type=("build", "test"))

    # Kernels for AVX2 and AVX-512 are files of their own, chosen at run time: the rest is for any x86-64.
    def cmake_args(self):
        return [
            self.define("BUILD_TESTING", self.run_tests),
            self.define_from_variant("NMD_WITH_ZSTD", "zstd"),
            self.define_from_variant("NMD_WITH_PNETCDF", "netcdf"),
            self.define_from_variant("NMD_WITH_SYMSPG", "spglib"),
            self.define("CMAKE_DISABLE_FIND_PACKAGE_OpenMP", not self.spec.satisfies("+openmp")),
        ]

    def check(self):
        """The default suite; `ctest -L slow` has the long tests of physics."""
        with working_dir(self.build_directory):
            ctest("-LE", "slow", "--output-on-failure")

    @run_after("install")
    @on_package_attributes(run_tests=True)
    def check_install(self):
        nnpmd = Executable(join_path(self.prefix.bin, "nnpmd"))
        nnpmd("--version")

// SPDX-License-Identifier: BSD-3-Clause
// `plugin load nnpmdplugin.so` makes pair_style nnpmd known to a LAMMPS that has its PLUGIN package.
#include "fmt_compat.h"
#include "lammps.h"
#include "pair_nnpmd.h"

namespace {
// What LAMMPS' plugin loader hands over and takes, as its developer guide describes it; its header is not among those
// that LAMMPS installs.
extern "C" {
typedef void *(plugin_factory)(void *);
struct plugin_description {
  const char *version, *style, *name, *info, *author;
  union {
    plugin_factory *v1;
    void *(*v2)(void *, int, char **);
  } creator;
  void *handle;
};
typedef void (*plugin_register)(plugin_description *, void *);
}

void *create(void *lammps) { return new LAMMPS_NS::PairNNPMD(static_cast<LAMMPS_NS::LAMMPS *>(lammps)); }
}  // namespace

extern "C" void lammpsplugin_init(void *lammps, void *handle, void *registrar) {
  plugin_description plugin = {};
  plugin.version = static_cast<LAMMPS_NS::LAMMPS *>(lammps)->version;
  plugin.style = "pair";
  plugin.name = "nnpmd";
  plugin.info = "Behler-Parrinello potentials of nnpmd";
  plugin.author = "nnpmd";
  plugin.creator.v1 = create;
  plugin.handle = handle;
  reinterpret_cast<plugin_register>(registrar)(&plugin, lammps);
}

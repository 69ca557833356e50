/* SPDX-License-Identifier: BSD-3-Clause */
#include "simulation/references.h"

#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "io/buffer.h"
#include "io/file_atomic.h"

/* A paper, and the features of a run that ask for it. A feature is "stage.nvt", "potential.zbl", "output.rdf", or a
 * setting with its value, as "thermostat.langevin" and "coupling.triclinic", given or by default; "": every run. */
typedef struct reference {
  const char *features; /* separated by blanks */
  const char *kind, *key, *author, *title, *source;
} reference;

static const reference references[] = {
    {"potential.nnp", "article", "Behler2007", "Behler, J{\\\"o}rg and Parrinello, Michele",
     "Generalized Neural-Network Representation of High-Dimensional Potential-Energy Surfaces",
     "journal = {Phys. Rev. Lett.}, volume = {98}, pages = {146401}, year = {2007}, doi = "
     "{10.1103/PhysRevLett.98.146401}"},
    {"potential.nnp", "article", "Behler2011", "Behler, J{\\\"o}rg",
     "Atom-centered symmetry functions for constructing high-dimensional neural network potentials",
     "journal = {J. Chem. Phys.}, volume = {134}, pages = {074106}, year = {2011}, doi = {10.1063/1.3553717}"},
    {"potential.nnp", "article", "Singraber2019", "Singraber, Andreas and Behler, J{\\\"o}rg and Dellago, Christoph",
     "Library-Based {LAMMPS} Implementation of High-Dimensional Neural Network Potentials",
     "journal = {J. Chem. Theory Comput.}, volume = {15}, pages = {1827--1840}, year = {2019}, doi = "
     "{10.1021/acs.jctc.8b00770}"},
    {"truncation.force_shift", "article", "Toxvaerd2011", "Toxvaerd, S{\\o}ren and Dyre, Jeppe C.",
     "Communication: Shifted forces in molecular dynamics",
     "journal = {J. Chem. Phys.}, volume = {134}, pages = {081102}, year = {2011}, doi = {10.1063/1.3558787}"},
    {"potential.stillinger_weber potential.angular", "article", "Stillinger1985",
     "Stillinger, Frank H. and Weber, Thomas A.", "Computer simulation of local order in condensed phases of silicon",
     "journal = {Phys. Rev. B}, volume = {31}, pages = {5262--5271}, year = {1985}, doi = {10.1103/PhysRevB.31.5262}"},
    {"potential.morse", "article", "Morse1929", "Morse, Philip M.",
     "Diatomic Molecules According to the Wave Mechanics. {II}. Vibrational Levels",
     "journal = {Phys. Rev.}, volume = {34}, pages = {57--64}, year = {1929}, doi = {10.1103/PhysRev.34.57}"},
    {"potential.screened_coulomb", "article", "Fennell2006", "Fennell, Christopher J. and Gezelter, J. Daniel",
     "Is the {Ewald} summation still necessary? {P}airwise alternatives to the accepted standard for long-range "
     "electrostatics",
     "journal = {J. Chem. Phys.}, volume = {124}, pages = {234104}, year = {2006}, doi = {10.1063/1.2206581}"},
    {"potential.spme", "article", "Essmann1995",
     "Essmann, Ulrich and Perera, Lalith and Berkowitz, Max L. and Darden, Tom and Lee, Hsing and Pedersen, Lee G.",
     "A smooth particle mesh {Ewald} method",
     "journal = {J. Chem. Phys.}, volume = {103}, pages = {8577--8593}, year = {1995}, doi = {10.1063/1.470117}"},
    {"potential.zbl", "book", "Ziegler1985", "Ziegler, J. F. and Biersack, J. P. and Littmark, U.",
     "The Stopping and Range of Ions in Solids", "publisher = {Pergamon}, address = {New York}, year = {1985}"},
    {"stage.nve stage.nvt stage.npt", "article", "Swope1982",
     "Swope, William C. and Andersen, Hans C. and Berens, Peter H. and Wilson, Kent R.",
     "A computer simulation method for the calculation of equilibrium constants for the formation of physical clusters "
     "of molecules",
     "journal = {J. Chem. Phys.}, volume = {76}, pages = {637--649}, year = {1982}, doi = {10.1063/1.442716}"},
    {"thermostat.csvr thermostat.drift thermostat.across", "article", "Bussi2007",
     "Bussi, Giovanni and Donadio, Davide and Parrinello, Michele", "Canonical sampling through velocity rescaling",
     "journal = {J. Chem. Phys.}, volume = {126}, pages = {014101}, year = {2007}, doi = {10.1063/1.2408420}"},
    {"thermostat.langevin", "article", "Jensen2019", "Jensen, Lucas Frese Gr{\\o}nbech and Gr{\\o}nbech-Jensen, Niels",
     "Accurate configurational and kinetic statistics in discrete-time {Langevin} systems",
     "journal = {Mol. Phys.}, volume = {117}, pages = {2511--2526}, year = {2019}, doi = "
     "{10.1080/00268976.2019.1570369}"},
    {"stage.npt", "article", "Bernetti2020", "Bernetti, Mattia and Bussi, Giovanni",
     "Pressure control using stochastic cell rescaling",
     "journal = {J. Chem. Phys.}, volume = {153}, pages = {114107}, year = {2020}, doi = {10.1063/5.0020514}"},
    {"coupling.anisotropic coupling.triclinic", "article", "DelTatto2022",
     "Del Tatto, Vittorio and Raiteri, Paolo and Bernetti, Mattia and Bussi, Giovanni",
     "Molecular Dynamics of Solids at Constant Pressure and Stress Using Anisotropic Stochastic Cell Rescaling",
     "journal = {Appl. Sci.}, volume = {12}, pages = {1139}, year = {2022}, doi = {10.3390/app12031139}"},
    {"stage.nose_hoover stage.mtk", "article", "Martyna1992",
     "Martyna, Glenn J. and Klein, Michael L. and Tuckerman, Mark",
     "{Nos\\'e--Hoover} chains: The canonical ensemble via continuous dynamics",
     "journal = {J. Chem. Phys.}, volume = {97}, pages = {2635--2643}, year = {1992}, doi = {10.1063/1.463940}"},
    {"stage.mtk", "article", "Martyna1994", "Martyna, Glenn J. and Tobias, Douglas J. and Klein, Michael L.",
     "Constant pressure molecular dynamics algorithms",
     "journal = {J. Chem. Phys.}, volume = {101}, pages = {4177--4189}, year = {1994}, doi = {10.1063/1.467468}"},
    {"method.fire", "article", "Guenole2020",
     "Gu{\\'e}nol{\\'e}, Julien and N{\\\"o}hring, Wolfram G. and Vaid, Aviral and Houll{\\'e}, Fr{\\'e}d{\\'e}ric and "
     "Xie, Zhuocheng and Prakash, Aruna and Bitzek, Erik",
     "Assessment and optimization of the fast inertial relaxation engine ({FIRE}) for energy minimization in atomistic "
     "simulations and its implementation in {LAMMPS}",
     "journal = {Comput. Mater. Sci.}, volume = {175}, pages = {109584}, year = {2020}, doi = "
     "{10.1016/j.commatsci.2020.109584}"},
    {"method.lbfgs", "article", "Liu1989", "Liu, Dong C. and Nocedal, Jorge",
     "On the limited memory {BFGS} method for large scale optimization",
     "journal = {Math. Program.}, volume = {45}, pages = {503--528}, year = {1989}, doi = {10.1007/BF01589116}"},
    {"stage.monte_carlo", "article", "Metropolis1953",
     "Metropolis, Nicholas and Rosenbluth, Arianna W. and Rosenbluth, Marshall N. and Teller, Augusta H. and Teller, "
     "Edward",
     "Equation of State Calculations by Fast Computing Machines",
     "journal = {J. Chem. Phys.}, volume = {21}, pages = {1087--1092}, year = {1953}, doi = {10.1063/1.1699114}"},
    {"stage.monte_carlo", "article", "Sadigh2012",
     "Sadigh, Babak and Erhart, Paul and Stukowski, Alexander and Caro, Alfredo and Martinez, Enrique and Zepeda-Ruiz, "
     "Luis",
     "Scalable parallel {Monte Carlo} algorithm for atomistic simulations of precipitation in alloys",
     "journal = {Phys. Rev. B}, volume = {85}, pages = {184203}, year = {2012}, doi = {10.1103/PhysRevB.85.184203}"},
    {"stage.neb", "article", "Henkelman2000", "Henkelman, Graeme and J{\\'o}nsson, Hannes",
     "Improved tangent estimate in the nudged elastic band method for finding minimum energy paths and saddle points",
     "journal = {J. Chem. Phys.}, volume = {113}, pages = {9978--9985}, year = {2000}, doi = {10.1063/1.1323224}"},
    {"stage.neb", "article", "Henkelman2000b", "Henkelman, Graeme and Uberuaga, Blas P. and J{\\'o}nsson, Hannes",
     "A climbing image nudged elastic band method for finding saddle points and minimum energy paths",
     "journal = {J. Chem. Phys.}, volume = {113}, pages = {9901--9904}, year = {2000}, doi = {10.1063/1.1329672}"},
    {"interpolation.idpp", "article", "Smidstrup2014",
     "Smidstrup, S{\\o}ren and Pedersen, Andreas and Stokbro, Kurt and J{\\'o}nsson, Hannes",
     "Improved initial guess for minimum energy path calculations",
     "journal = {J. Chem. Phys.}, volume = {140}, pages = {214106}, year = {2014}, doi = {10.1063/1.4878664}"},
    {"stage.field", "article", "Evans1983",
     "Evans, D. J. and Hoover, W. G. and Failor, B. H. and Moran, B. and Ladd, A. J. C.",
     "Nonequilibrium molecular dynamics via {Gauss}'s principle of least constraint",
     "journal = {Phys. Rev. A}, volume = {28}, pages = {1016--1021}, year = {1983}, doi = {10.1103/PhysRevA.28.1016}"},
    {"stage.ipi", "article", "Kapil2019", "Kapil, Venkat and others",
     "{i-PI} 2.0: A universal force engine for advanced molecular simulations",
     "journal = {Comput. Phys. Commun.}, volume = {236}, pages = {214--223}, year = {2019}, doi = "
     "{10.1016/j.cpc.2018.09.020}"},
    {"output.summary", "article", "Flyvbjerg1989", "Flyvbjerg, H. and Petersen, H. G.",
     "Error estimates on averages of correlated data",
     "journal = {J. Chem. Phys.}, volume = {91}, pages = {461--466}, year = {1989}, doi = {10.1063/1.457480}"},
    {"thermostat.csvr thermostat.langevin stage.npt stage.monte_carlo", "inproceedings", "Salmon2011",
     "Salmon, John K. and Moraes, Mark A. and Dror, Ron O. and Shaw, David E.",
     "Parallel random numbers: as easy as 1, 2, 3",
     "booktitle = {Proc. Int. Conf. High Performance Computing, Networking, Storage and Analysis (SC11)}, year = "
     "{2011}, doi = {10.1145/2063384.2063405}"},
};

/* ---- features ---- */

/* "kind.name " for each, one behind the other. */
static void add_feature(nmd_buffer *features, const char *kind, const char *name) {
  nmd_buffer_printf(features, " %s.%s ", kind, name);
}

/* "key: value" of an echo of options. */
static void add_setting(void *context, const char *line) {
  char key[64], value[64];
  if (sscanf(line, "%63[^:]: %63s", key, value) == 2) add_feature(context, key, value);
}

/* Potentials are the names of maps and plain words below `potential:`; settings have scalars. */
static void add_tree(const nmd_yaml_node *node, const char *kind, nmd_buffer *features) {
  if (node->kind == NMD_YAML_SCALAR) add_feature(features, kind, node->text);
  for (int k = 0; k < node->n; k++) {
    const bool map = node->kind == NMD_YAML_MAP;
    if (map && node->items[k]->kind == NMD_YAML_SCALAR)
      add_feature(features, node->keys[k]->text, node->items[k]->text);
    else {
      if (map) add_feature(features, kind, node->keys[k]->text);
      add_tree(node->items[k], kind, features);
    }
  }
}

static void add_features(const nmd_simulation *s, nmd_buffer *features) {
  add_tree(s->input.potential, "potential", features);
  add_tree(s->input.stages, "stages", features);
  nmd_options_echo(s->potential.ops->options, s->potential.parameters, add_setting, features);
  for (int k = 0; k < s->n_stages; k++) {
    add_feature(features, "stage", s->stages[k].ops->name);
    nmd_options_echo(s->stages[k].table, s->stages[k].parameters, add_setting, features);
  }
  for (int k = 0; k < s->n_outputs; k++) add_feature(features, "output", s->outputs[k].ops->name);
}

static bool is_asked_for(const reference *r, const char *features) {
  char word[64], spaced[72];
  for (const char *c = r->features; sscanf(c, "%63s", word) == 1;) {
    snprintf(spaced, sizeof spaced, " %s ", word);
    if (strstr(features, spaced) != NULL) return true;
    c = strstr(c, word) + strlen(word);
  }
  return false;
}

static void put_entry(const reference *r, nmd_buffer *out) {
  nmd_buffer_printf(out, "@%s{%s,\n  author = {%s},\n  title = {%s},\n  %s\n}\n\n", r->kind, r->key, r->author,
                    r->title, r->source);
}

/* Entries and, apart, their keys. */
static nmd_status collect(const nmd_simulation *s, nmd_buffer *entries, nmd_buffer *keys) {
  nmd_buffer features = {0};
  add_features(s, &features);
  nmd_status status = features.status;
  for (int k = 0; k < NMD_COUNT(references) && status == NMD_OK; k++) {
    if (!is_asked_for(&references[k], features.data)) continue;
    put_entry(&references[k], entries);
    nmd_buffer_printf(keys, "%s%s", keys->length == 0 ? "" : ", ", references[k].key);
  }
  nmd_buffer_free(&features);
  if (status == NMD_OK) status = entries->status;
  return status == NMD_OK ? keys->status : status;
}

nmd_status nmd_references_write(const nmd_simulation *s, nmd_text_writer *write, void *context) {
  nmd_buffer entries = {0}, keys = {0};
  const nmd_status status = collect(s, &entries, &keys);
  if (status == NMD_OK && entries.length > 0) write(context, entries.data);
  nmd_buffer_free(&entries);
  nmd_buffer_free(&keys);
  return status;
}

static bool has_summary(const nmd_simulation *s) {
  for (int k = 0; k < s->n_outputs; k++)
    if (strcmp(s->outputs[k].ops->name, "summary") == 0) return true;
  return false;
}

nmd_status nmd_references_leave(const nmd_simulation *s) {
  nmd_buffer entries = {0}, keys = {0};
  char *path = NULL;
  nmd_status status = collect(s, &entries, &keys);
  if (status == NMD_OK && keys.length > 0) nmd_log_info("Methods to cite (nnpmd --cite prints BibTeX): %s", keys.data);
  if (status == NMD_OK && entries.length > 0 && has_summary(s)) {
    status = nmd_path_join(s->input.output_folder, "references.bib", &path);
    if (status == NMD_OK) status = nmd_file_write_atomic(path, entries.data, entries.length, 1);
  }
  nmd_free(path);
  nmd_buffer_free(&entries);
  nmd_buffer_free(&keys);
  return status;
}

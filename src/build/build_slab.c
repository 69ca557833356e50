/* SPDX-License-Identifier: BSD-3-Clause */
/* A slab of an fcc or bcc crystal with a low-index face along z.
 *
 *   build: {slab: {lattice: fcc, element: Au, a: 4.17, surface: 111, repeat_x: 6, repeat_y: 4, layers: 9, vacuum: 20}}
 */
#include "build/builder_list.h"
#include "build/surface.h"
#include "build/transform.h"

typedef struct slab_parameters {
  int lattice, surface;
  char *element;
  double a, vacuum; /* A */
  int64_t repeat[2], layers;
  bool periodic;
  const nmd_yaml_node *substitute;
} slab_parameters;

static const nmd_option options[] = {
    {.key = "lattice",
     .type = NMD_OPT_CHOICE,
     .offset = offsetof(slab_parameters, lattice),
     .choices = NMD_CUBIC_CHOICES,
     .doc = "crystal structure"},
    {.key = "element", .type = NMD_OPT_TEXT, .offset = offsetof(slab_parameters, element), .doc = "element symbol"},
    {.key = "a",
     .type = NMD_OPT_REAL,
     .offset = offsetof(slab_parameters, a),
     .dimension = NMD_DIM_LENGTH,
     .min = 0.5,
     .max = 100.0,
     .doc = "lattice constant of the cubic cell"},
    {.key = "surface",
     .type = NMD_OPT_CHOICE,
     .offset = offsetof(slab_parameters, surface),
     .choices = NMD_FACE_CHOICES,
     .doc = "face normal to z, in an orthogonal in-plane cell"},
    {.key = "repeat_x",
     .type = NMD_OPT_INT,
     .offset = offsetof(slab_parameters, repeat[0]),
     .fallback = "1",
     .min = 1,
     .max = 100000,
     .doc = "in-plane cells along x"},
    {.key = "repeat_y",
     .type = NMD_OPT_INT,
     .offset = offsetof(slab_parameters, repeat[1]),
     .fallback = "1",
     .min = 1,
     .max = 100000,
     .doc = "in-plane cells along y"},
    {.key = "layers",
     .type = NMD_OPT_INT,
     .offset = offsetof(slab_parameters, layers),
     .min = 1,
     .max = 1000000,
     .doc = "atomic planes along z"},
    {.key = "vacuum",
     .type = NMD_OPT_REAL,
     .offset = offsetof(slab_parameters, vacuum),
     .dimension = NMD_DIM_LENGTH,
     .fallback = "15 A",
     .min = 0.0,
     .max = 10000.0,
     .doc = "distance from the top plane to the bottom plane of the next image; 0: crystal without surface"},
    {.key = "periodic",
     .type = NMD_OPT_BOOL,
     .offset = offsetof(slab_parameters, periodic),
     .fallback = "true",
     .doc = "periodic along z; false: open, with half the vacuum on each side"},
    {.key = "substitute",
     .type = NMD_OPT_NODE,
     .offset = offsetof(slab_parameters, substitute),
     .fallback = "",
     .is_list = 1,
     .section = &nmd_substitution_table,
     .doc = "random replacements, exact in number"},
};
const nmd_option_table nmd__build_slab_table = {.name = "slab",
                                                .doc = "a slab with two faces of an fcc or bcc crystal",
                                                .size = sizeof(slab_parameters),
                                                .n = NMD_COUNT(options),
                                                .options = options};

/* Height of the cell: without vacuum the stacking must close on itself. */
static nmd_status cell_height(const slab_parameters *p, const nmd_surface *surface, double *height) {
  *height = (double)(p->layers - 1) * surface->spacing + p->vacuum;
  if (p->vacuum > 0.0) return NMD_OK;
  if (!p->periodic) NMD_FAIL(CONFLICT, "vacuum 0 A with periodic false; give a vacuum > 0 A or a periodic normal");
  if (p->layers % surface->n_planes != 0)
    NMD_FAIL(BUILD, "layers %lld without vacuum; %s(%s) repeats after %d planes: give a multiple of %d or a vacuum",
             (long long)p->layers, nmd_cubic_name(surface->lattice), nmd_face_name(surface->face), surface->n_planes,
             surface->n_planes);
  *height = (double)p->layers * surface->spacing;
  return NMD_OK;
}

static nmd_status fill(const slab_parameters *p, const nmd_block *block, double height, uint64_t seed,
                       nmd_structure *out, const nmd_build_report *report) {
  const nmd_surface *surface = block->surface;
  const double h[3][3] = {{block->edge[0], 0, 0}, {0, block->edge[1], 0}, {0, 0, height}};
  NMD_TRY(nmd_box_init(&out->box, h, NULL, (bool[3]){true, true, p->periodic}));
  nmd_block_fill(block, out, 0);
  nmd_build_say(report, "%s %s(%s), %lld x %lld cells of %.4f x %.4f A, %lld planes %.4f A apart, vacuum %.4g A\n",
                p->element, nmd_cubic_name(surface->lattice), nmd_face_name(surface->face), (long long)p->repeat[0],
                (long long)p->repeat[1], surface->edge[0], surface->edge[1], (long long)p->layers, surface->spacing,
                p->vacuum);
  NMD_TRY(nmd_structure_substitute_from(out, p->substitute, seed, report));
  nmd_build_say_composition(out, report);
  return NMD_OK;
}

static nmd_status build(const void *parameters, uint64_t seed, nmd_structure *out, const nmd_build_report *report) {
  const slab_parameters *p = parameters;
  nmd_surface surface;
  nmd_surface_init((nmd_cubic)p->lattice, (nmd_face)p->surface, 0, p->a, &surface);
  nmd_block block = {.surface = &surface, .repeat = {p->repeat[0], p->repeat[1]}, .layers = p->layers};
  NMD_TRY(nmd_build_element(p->element, &block.atomic_number));
  double height;
  int64_t n;
  NMD_TRY(cell_height(p, &surface, &height));
  NMD_TRY(nmd_build_count((int64_t[]){p->repeat[0], p->repeat[1], p->layers, surface.per_plane}, 4, &n));
  for (int d = 0; d < 2; d++) block.edge[d] = (double)p->repeat[d] * surface.edge[d];
  block.z = 0.5 * p->vacuum;
  NMD_TRY(nmd_structure_init(out, n));
  const nmd_status status = fill(p, &block, height, seed, out, report);
  if (status != NMD_OK) nmd_structure_free(out);
  return status;
}

const nmd_builder_ops nmd__build_slab = {.name = "slab", .options = &nmd__build_slab_table, .build = build};

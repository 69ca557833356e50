/* SPDX-License-Identifier: BSD-3-Clause */
/* Two crystals face to face, stacked along z: a superlattice A/B/A/B..., or with vacuum a bilayer.
 *
 *   build:
 *     interface:
 *       atoms: 1000
 *       side_a: {lattice: fcc, element: Au, a: 4.17, surface: 100}
 *       side_b: {lattice: bcc, element: Li, a: 3.45, surface: 100}
 *
 * Both sides get whole numbers of orthogonal in-plane cells; what does not fit is taken up as homogeneous in-plane
 * strain by A, by B (the softer one, as a rule) or by both half each. Plane spacings stay those of the unstrained
 * crystals: relax or run at constant pressure before measuring. */
#include <math.h>
#include <string.h>

#include "build/builder_list.h"
#include "build/interface_match.h"
#include "build/transform.h"

typedef struct side_parameters {
  int lattice, surface, rotation;
  char *element;
  double a, thickness; /* A; 0: free */
  int64_t repeat[2], layers;
} side_parameters;

typedef struct interface_parameters {
  const nmd_yaml_node *side[2];
  int64_t atoms; /* 0: not given */
  int strain;
  double max_strain_percent, gap, vacuum; /* percent, A, A */
  bool periodic;
  const nmd_yaml_node *substitute;
} interface_parameters;

enum { DEFAULT_ATOMS = 1000 };
static const double touching =
    0.85; /* default gap in mean nearest-neighbour distances; atoms may sit atop each other */

enum { ROTATION_AUTO, ROTATION_0, ROTATION_45, ROTATION_90 };
static const int rotation_degrees[] = {-1, 0, 45, 90};

static const nmd_option side_options[] = {
    {.key = "lattice",
     .type = NMD_OPT_CHOICE,
     .offset = offsetof(side_parameters, lattice),
     .choices = NMD_CUBIC_CHOICES,
     .doc = "crystal structure"},
    {.key = "element", .type = NMD_OPT_TEXT, .offset = offsetof(side_parameters, element), .doc = "element symbol"},
    {.key = "a",
     .type = NMD_OPT_REAL,
     .offset = offsetof(side_parameters, a),
     .dimension = NMD_DIM_LENGTH,
     .min = 0.5,
     .max = 100.0,
     .doc = "lattice constant of the cubic cell"},
    {.key = "surface",
     .type = NMD_OPT_CHOICE,
     .offset = offsetof(side_parameters, surface),
     .choices = NMD_FACE_CHOICES,
     .fallback = "100",
     .doc = "face normal to z"},
    {.key = "layers",
     .type = NMD_OPT_INT,
     .offset = offsetof(side_parameters, layers),
     .fallback = "",
     .min = 1,
     .max = 1000000,
     .doc = "atomic planes; default: from atoms"},
    {.key = "thickness",
     .type = NMD_OPT_REAL,
     .offset = offsetof(side_parameters, thickness),
     .dimension = NMD_DIM_LENGTH,
     .fallback = "",
     .max = 1e5,
     .min_open = 1,
     .doc = "thickness, instead of layers; rounded to whole planes"},
    {.key = "repeat_x",
     .type = NMD_OPT_INT,
     .offset = offsetof(side_parameters, repeat[0]),
     .fallback = "",
     .min = 1,
     .max = 100000,
     .doc = "in-plane cells along x; default: best match"},
    {.key = "repeat_y",
     .type = NMD_OPT_INT,
     .offset = offsetof(side_parameters, repeat[1]),
     .fallback = "",
     .min = 1,
     .max = 100000,
     .doc = "in-plane cells along y; default: best match"},
    {.key = "rotation",
     .type = NMD_OPT_CHOICE,
     .offset = offsetof(side_parameters, rotation),
     .choices = "auto|0|45|90",
     .fallback = "auto",
     .doc = "in-plane rotation of the crystal in degrees (45: surface 100 only); auto: best match"},
};
static const nmd_option_table side_table = {.name = "side",
                                            .doc = "one crystal of the interface",
                                            .size = sizeof(side_parameters),
                                            .n = NMD_COUNT(side_options),
                                            .options = side_options};

static const nmd_option options[] = {
    {.key = "side_a",
     .type = NMD_OPT_NODE,
     .offset = offsetof(interface_parameters, side[0]),
     .section = &side_table,
     .doc = "the lower crystal"},
    {.key = "side_b",
     .type = NMD_OPT_NODE,
     .offset = offsetof(interface_parameters, side[1]),
     .section = &side_table,
     .doc = "the upper crystal"},
    {.key = "atoms",
     .type = NMD_OPT_INT,
     .offset = offsetof(interface_parameters, atoms),
     .fallback = "",
     .min = 1,
     .max = INT32_MAX,
     .doc = "wanted number of atoms, met within 10 %; default: near 1000; sets the free repeats and layers"},
    {.key = "max_strain",
     .type = NMD_OPT_REAL,
     .offset = offsetof(interface_parameters, max_strain_percent),
     .fallback = "2",
     .max = 50.0,
     .min_open = 1,
     .doc = "largest in-plane strain of either side (percent)"},
    {.key = "strain",
     .type = NMD_OPT_CHOICE,
     .offset = offsetof(interface_parameters, strain),
     .choices = NMD_STRAINED_CHOICES,
     .fallback = "shared",
     .doc = "side that takes up the mismatch"},
    {.key = "gap",
     .type = NMD_OPT_REAL,
     .offset = offsetof(interface_parameters, gap),
     .dimension = NMD_DIM_LENGTH,
     .fallback = "",
     .max = 1000.0,
     .min_open = 1,
     .doc = "distance between the facing planes; default 0.85 of the mean nearest-neighbour distance, at least the "
            "mean plane spacing"},
    {.key = "vacuum",
     .type = NMD_OPT_REAL,
     .offset = offsetof(interface_parameters, vacuum),
     .dimension = NMD_DIM_LENGTH,
     .fallback = "0 A",
     .min = 0.0,
     .max = 10000.0,
     .doc = "distance from the top of B to the next A, instead of a second interface"},
    {.key = "periodic",
     .type = NMD_OPT_BOOL,
     .offset = offsetof(interface_parameters, periodic),
     .fallback = "true",
     .doc = "periodic along z; false (with vacuum): open, half the vacuum on each side"},
    {.key = "substitute",
     .type = NMD_OPT_NODE,
     .offset = offsetof(interface_parameters, substitute),
     .fallback = "",
     .is_list = 1,
     .section = &nmd_substitution_table,
     .doc = "random replacements, exact in number"},
};
const nmd_option_table nmd__build_interface_table = {.name = "interface",
                                                     .doc = "two fcc or bcc crystals face to face, best match",
                                                     .size = sizeof(interface_parameters),
                                                     .n = NMD_COUNT(options),
                                                     .options = options};

/* In-plane cells to try. A face other than 100 looks the same after half a turn only, so one side tries 0 and 90; two
 * faces 100 have fourfold axes, so 0 and 45 on both sides give all relative angles and supercell edges. */
static nmd_status list_variants(const side_parameters *p, bool may_turn, nmd_match_side *side) {
  const nmd_face face = (nmd_face)p->surface;
  const int other = face == NMD_FACE_100 ? 45 : 90;
  if (p->rotation == ROTATION_45 && face != NMD_FACE_100)
    NMD_FAIL(BUILD, "rotation 45 of surface %s; only surface 100 has it: give 0, 90 or auto", nmd_face_name(face));
  const int first = p->rotation == ROTATION_AUTO ? 0 : rotation_degrees[p->rotation];
  nmd_surface_init((nmd_cubic)p->lattice, face, first, p->a, &side->variant[0]);
  side->n_variants = 1;
  if (p->rotation == ROTATION_AUTO && (face == NMD_FACE_100 || may_turn))
    nmd_surface_init((nmd_cubic)p->lattice, face, other, p->a, &side->variant[side->n_variants++]);
  return NMD_OK;
}

static nmd_status read_side(const nmd_yaml_node *node, const char *name, bool may_turn, side_parameters *p,
                            nmd_match_side *side) {
  NMD_TRY(nmd_options_parse(&side_table, node, p));
  nmd_status status = list_variants(p, may_turn, side);
  if (status == NMD_OK && p->layers > 0 && p->thickness > 0.0)
    status = nmd_fail(NMD_CONFLICT, "layers and thickness are both given; give one of them");
  if (status == NMD_OK && (p->repeat[0] > 0) != (p->repeat[1] > 0))
    status = nmd_fail(NMD_CONFLICT, "only one of repeat_x and repeat_y is given; give both or none");
  if (status != NMD_OK) {
    nmd_fail_prefix(status, "%s", name);
    nmd_options_free(&side_table, p);
    return status;
  }
  memcpy(side->repeat, p->repeat, sizeof side->repeat);
  side->layers = p->layers;
  if (p->thickness > 0.0) side->layers = (int64_t)fmax(1.0, rint(p->thickness / side->variant[0].spacing));
  return NMD_OK;
}

static nmd_status read_request(const interface_parameters *p, nmd_match_request *request) {
  const nmd_match_side *a = &request->side[0], *b = &request->side[1];
  const bool all_given = a->layers > 0 && b->layers > 0 && a->repeat[0] > 0 && b->repeat[0] > 0;
  if (all_given && p->atoms > 0)
    NMD_FAIL(CONFLICT, "atoms %lld: layers and repeats of both sides are given too; leave something free",
             (long long)p->atoms);
  if (p->vacuum == 0.0 && !p->periodic)
    NMD_FAIL(CONFLICT, "vacuum 0 A with periodic false; give a vacuum > 0 A or a periodic normal");
  request->strained = (nmd_strained)p->strain;
  request->max_strain = 0.01 * p->max_strain_percent;
  request->atoms = p->atoms > 0 ? p->atoms : DEFAULT_ATOMS;
  request->any_size = p->atoms == 0;
  if (!all_given) return NMD_OK;
  request->atoms = 0;
  for (int side = 0; side < 2; side++) {
    const nmd_match_side *s = &request->side[side];
    int64_t n;
    NMD_TRY(nmd_build_count((int64_t[]){s->repeat[0], s->repeat[1], s->layers, s->variant[0].per_plane}, 4, &n));
    request->atoms += n;
  }
  return NMD_OK;
}

static double default_gap(const nmd_surface *a, const nmd_surface *b) {
  return fmax(touching * 0.5 * (a->nearest + b->nearest), 0.5 * (a->spacing + b->spacing));
}

static void say_side(const nmd_build_report *report, const char *name, const char *element, const nmd_surface *surface,
                     const nmd_match *match, int side) {
  nmd_build_say(
      report,
      "%s: %s %s(%s) rotated %d deg, %lld x %lld cells of %.4f x %.4f A, %lld planes %.4f A apart, %lld atoms, "
      "strain %+.4f %% along x, %+.4f %% along y\n",
      name, element, nmd_cubic_name(surface->lattice), nmd_face_name(surface->face), surface->rotation,
      (long long)match->repeat[side][0], (long long)match->repeat[side][1], surface->edge[0], surface->edge[1],
      (long long)match->layers[side], surface->spacing,
      (long long)(match->repeat[side][0] * match->repeat[side][1] * match->layers[side] * surface->per_plane),
      100.0 * match->strain[side][0], 100.0 * match->strain[side][1]);
}

/* Make the atoms of both blocks; the second interface, or the vacuum, is at the top of the cell. */
static nmd_status stack(const interface_parameters *p, nmd_block block[2], const nmd_match *match, nmd_structure *out,
                        const nmd_build_report *report) {
  const nmd_surface *a = block[0].surface, *b = block[1].surface;
  const double gap = p->gap > 0.0 ? p->gap : default_gap(a, b);
  const double above = p->vacuum > 0.0 ? p->vacuum : gap;
  block[0].z = 0.5 * above;
  block[1].z = block[0].z + (double)(block[0].layers - 1) * a->spacing + gap;
  const double height = block[1].z + (double)(block[1].layers - 1) * b->spacing + 0.5 * above;
  const double h[3][3] = {{match->edge[0], 0, 0}, {0, match->edge[1], 0}, {0, 0, height}};
  const int64_t below = nmd_block_atoms(&block[0]), n = below + nmd_block_atoms(&block[1]);
  if (n > INT32_MAX) NMD_FAIL(BUILD, "the structure would have more than %d atoms; ask for fewer", INT32_MAX);
  NMD_TRY(nmd_structure_init(out, n));
  const nmd_status status = nmd_box_init(&out->box, h, NULL, (bool[3]){true, true, p->periodic});
  if (status != NMD_OK) {
    nmd_structure_free(out);
    return status;
  }
  nmd_block_fill(&block[0], out, 0);
  nmd_block_fill(&block[1], out, below);
  nmd_build_say(report, "gap %.4f A, %s %.4f A above, largest strain %.4f %%\n", gap,
                p->vacuum > 0.0 ? "vacuum" : "second gap", above, 100.0 * match->worst);
  return NMD_OK;
}

static nmd_status build_sides(const interface_parameters *p, const side_parameters side[2], nmd_match_request *request,
                              nmd_structure *out, const nmd_build_report *report) {
  nmd_match match;
  nmd_block block[2];
  memset(block, 0, sizeof block);
  NMD_TRY(read_request(p, request));
  for (int k = 0; k < 2; k++) NMD_TRY(nmd_build_element(side[k].element, &block[k].atomic_number));
  NMD_TRY(nmd_interface_match(request, &match));
  for (int k = 0; k < 2; k++) {
    block[k].surface = &request->side[k].variant[match.variant[k]];
    memcpy(block[k].repeat, match.repeat[k], sizeof block[k].repeat);
    memcpy(block[k].edge, match.edge, sizeof block[k].edge);
    block[k].layers = match.layers[k];
    say_side(report, k == 0 ? "side_a" : "side_b", side[k].element, block[k].surface, &match, k);
  }
  return stack(p, block, &match, out, report);
}

static nmd_status build(const void *parameters, uint64_t seed, nmd_structure *out, const nmd_build_report *report) {
  const interface_parameters *p = parameters;
  side_parameters side[2];
  nmd_match_request request;
  memset(&request, 0, sizeof request);
  NMD_TRY(read_side(p->side[0], "side_a", false, &side[0], &request.side[0]));
  nmd_status status = read_side(p->side[1], "side_b", true, &side[1], &request.side[1]);
  if (status == NMD_OK) {
    status = build_sides(p, side, &request, out, report);
    nmd_options_free(&side_table, &side[1]);
  }
  nmd_options_free(&side_table, &side[0]);
  if (status != NMD_OK) return status;
  status = nmd_structure_substitute_from(out, p->substitute, seed, report);
  if (status != NMD_OK) nmd_structure_free(out);
  if (status == NMD_OK) nmd_build_say_composition(out, report);
  return status;
}

const nmd_builder_ops nmd__build_interface = {
    .name = "interface", .options = &nmd__build_interface_table, .build = build};

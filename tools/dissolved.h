/* SPDX-License-Identifier: BSD-3-Clause */
/* When an atom counts as dissolved, as the tools that look at dissolved atoms ask for it. */
#ifndef NNPMD_TOOLS_DISSOLVED_H
#define NNPMD_TOOLS_DISSOLVED_H

#include "analysis/clusters.h"
#include "base/option.h"

typedef struct tool_dissolved {
  char *solute, *solvent;
  double bond, link, share;
} tool_dissolved;

/* Rows of the option table of `type`, which has such a `member`. */
#define TOOL_DISSOLVED_OPTIONS(type, member)                                                                           \
  {"solute", NMD_OPT_TEXT, offsetof(type, member.solute), .fallback = NULL, .doc = "element that dissolves, e.g. Au"}, \
      {"solvent", NMD_OPT_TEXT, offsetof(type, member.solvent), .fallback = NULL,                                      \
       .doc = "element it dissolves in, e.g. Li"},                                                                     \
      {"bond",                                                                                                         \
       NMD_OPT_REAL,                                                                                                   \
       offsetof(type, member.bond),                                                                                    \
       NMD_DIM_LENGTH,                                                                                                 \
       NULL,                                                                                                           \
       0,                                                                                                              \
       0,                                                                                                              \
       .min_open = 1,                                                                                                  \
       .doc = "neighbours are within this distance (the first minimum of g(r)), e.g. \"3.8 A\""},                      \
      {"link",                                                                                                         \
       NMD_OPT_REAL,                                                                                                   \
       offsetof(type, member.link),                                                                                    \
       NMD_DIM_LENGTH,                                                                                                 \
       "0 A",                                                                                                          \
       0,                                                                                                              \
       -1,                                                                                                             \
       .doc = "dissolved atoms within this distance are adjacent; 0: as --bond"},                                      \
  {                                                                                                                    \
    "share", NMD_OPT_REAL, offsetof(type, member.share), NMD_DIM_NONE, "0.6", 0, 1,                                    \
        .doc = "an atom is dissolved when at least this share of its neighbours is solvent"                            \
  }

/* The rule without the kinds of solute and solvent, which every tool numbers in its own way. */
static inline nmd_cluster_rule tool_dissolved_rule(const tool_dissolved *chosen) {
  return (nmd_cluster_rule){
      .bond = chosen->bond, .link = chosen->link > 0 ? chosen->link : chosen->bond, .share = chosen->share};
}

#endif

/* SPDX-License-Identifier: BSD-3-Clause */
#include "system/element.h"

#include <stdbool.h>
#include <string.h>

/* IUPAC 2021 abridged standard atomic weights (Prohaska et al., Pure Appl. Chem. 94, 573 (2022)). Elements without a
 * standard weight carry the mass number of their longest-lived known isotope. */
static const struct {
  const char *symbol;
  double mass; /* u */
} elements[NMD_ELEMENT_MAX] = {
    {"H", 1.0080},  {"He", 4.0026}, {"Li", 6.94},   {"Be", 9.0122}, {"B", 10.81},   {"C", 12.011},  {"N", 14.007},
    {"O", 15.999},  {"F", 18.998},  {"Ne", 20.180}, {"Na", 22.990}, {"Mg", 24.305}, {"Al", 26.982}, {"Si", 28.085},
    {"P", 30.974},  {"S", 32.06},   {"Cl", 35.45},  {"Ar", 39.95},  {"K", 39.098},  {"Ca", 40.078}, {"Sc", 44.956},
    {"Ti", 47.867}, {"V", 50.942},  {"Cr", 51.996}, {"Mn", 54.938}, {"Fe", 55.845}, {"Co", 58.933}, {"Ni", 58.693},
    {"Cu", 63.546}, {"Zn", 65.38},  {"Ga", 69.723}, {"Ge", 72.630}, {"As", 74.922}, {"Se", 78.971}, {"Br", 79.904},
    {"Kr", 83.798}, {"Rb", 85.468}, {"Sr", 87.62},  {"Y", 88.906},  {"Zr", 91.224}, {"Nb", 92.906}, {"Mo", 95.95},
    {"Tc", 97},     {"Ru", 101.07}, {"Rh", 102.91}, {"Pd", 106.42}, {"Ag", 107.87}, {"Cd", 112.41}, {"In", 114.82},
    {"Sn", 118.71}, {"Sb", 121.76}, {"Te", 127.60}, {"I", 126.90},  {"Xe", 131.29}, {"Cs", 132.91}, {"Ba", 137.33},
    {"La", 138.91}, {"Ce", 140.12}, {"Pr", 140.91}, {"Nd", 144.24}, {"Pm", 145},    {"Sm", 150.36}, {"Eu", 151.96},
    {"Gd", 157.25}, {"Tb", 158.93}, {"Dy", 162.50}, {"Ho", 164.93}, {"Er", 167.26}, {"Tm", 168.93}, {"Yb", 173.05},
    {"Lu", 174.97}, {"Hf", 178.49}, {"Ta", 180.95}, {"W", 183.84},  {"Re", 186.21}, {"Os", 190.23}, {"Ir", 192.22},
    {"Pt", 195.08}, {"Au", 196.97}, {"Hg", 200.59}, {"Tl", 204.38}, {"Pb", 207.2},  {"Bi", 208.98}, {"Po", 209},
    {"At", 210},    {"Rn", 222},    {"Fr", 223},    {"Ra", 226},    {"Ac", 227},    {"Th", 232.04}, {"Pa", 231.04},
    {"U", 238.03},  {"Np", 237},    {"Pu", 244},    {"Am", 243},    {"Cm", 247},    {"Bk", 247},    {"Cf", 251},
    {"Es", 252},    {"Fm", 257},    {"Md", 258},    {"No", 259},    {"Lr", 266},    {"Rf", 267},    {"Db", 268},
    {"Sg", 269},    {"Bh", 270},    {"Hs", 269},    {"Mt", 278},    {"Ds", 281},    {"Rg", 282},    {"Cn", 285},
    {"Nh", 286},    {"Fl", 289},    {"Mc", 290},    {"Lv", 293},    {"Ts", 294},    {"Og", 294},
};

static bool is_element(int atomic_number) { return atomic_number >= 1 && atomic_number <= NMD_ELEMENT_MAX; }

int nmd_element_from_symbol(const char *symbol) {
  if (symbol == NULL) return 0;
  for (int i = 0; i < NMD_ELEMENT_MAX; i++)
    if (strcmp(symbol, elements[i].symbol) == 0) return i + 1;
  return 0;
}

const char *nmd_element_symbol(int atomic_number) {
  return is_element(atomic_number) ? elements[atomic_number - 1].symbol : "?";
}

double nmd_element_mass(int atomic_number) {
  return is_element(atomic_number) ? elements[atomic_number - 1].mass : 0.0;
}

void nmd_species_init(nmd_species *species, const int *atomic_numbers, long n) {
  int64_t present[NMD_ELEMENT_MAX + 1] = {0};
  for (long i = 0; i < n; i++)
    if (is_element(atomic_numbers[i])) present[atomic_numbers[i]]++;
  memset(species, 0, sizeof *species);
  for (int z = 1; z <= NMD_ELEMENT_MAX; z++) {
    if (present[z] == 0) continue;
    species->atomic_number[species->n] = z;
    species->atoms[species->n] = present[z];
    species->mass[species->n++] = nmd_element_mass(z);
  }
}

int nmd_species_index(const nmd_species *species, int atomic_number) {
  for (int i = 0; i < species->n; i++)
    if (species->atomic_number[i] == atomic_number) return i;
  return -1;
}

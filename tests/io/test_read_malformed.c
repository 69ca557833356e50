/* SPDX-License-Identifier: BSD-3-Clause */
/* Every damaged or wrong file must give the right code and a message with its place, and never crash. */
#include "io/read_structure.h"

#include "base/memory.h"
#include "sample.h"

typedef struct bad_file {
  const char *name; /* of the file; decides the format as for a user */
  const char *text;
  nmd_status code;
  const char *part; /* of the message: place, then what was found */
} bad_file;

#define XYZ "Lattice=\"5 0 0 0 5 0 0 0 5\" Properties=species:S:1:pos:R:3"
#define LMP_BOX "0 5 xlo xhi\n0 5 ylo yhi\n0 5 zlo zhi\n"
#define LMP "c\n\n2 atoms\n1 atom types\n" LMP_BOX "\nMasses\n\n1 6.94 # Li\n\n"
#define POS "c\n1.0\n5 0 0\n0 5 0\n0 0 5\n"

#define DUMP "ITEM: NUMBER OF ATOMS\n1\nITEM: BOX BOUNDS pp pp pp\n0 9\n0 9\n0 9\nITEM: ATOMS "

static const bad_file bad_files[] = {
    /* extended XYZ */
    {"a.extxyz", "", NMD_FILE_TRUNCATED, "a.extxyz:1: the file holds no structure"},
    {"a.extxyz", "\n\n", NMD_FILE_TRUNCATED, "no structure"},
    {"a.extxyz", "two\n", NMD_BAD_NUMBER, "a.extxyz:1:1: number of atoms: 'two'"},
    {"a.extxyz", "2 x\n", NMD_FILE_FORMAT, "a.extxyz:1:3: 'x'"},
    {"a.extxyz", "0\n" XYZ "\n", NMD_OUT_OF_RANGE, "a.extxyz:1:1: number of atoms: 0"},
    {"a.extxyz", "-3\n" XYZ "\n", NMD_OUT_OF_RANGE, "a.extxyz:1:1: number of atoms: -3"},
    {"a.extxyz", "999999999999\n" XYZ "\nLi 0 0 0\n", NMD_FILE_TRUNCATED, "a.extxyz:1:1: 999999999999 atoms"},
    {"a.extxyz", "99999999999999999999\n", NMD_BAD_NUMBER, "a.extxyz:1:1:"},
    {"a.extxyz", "1          ", NMD_FILE_TRUNCATED, "a.extxyz:1:1: 1 atoms announced"},
    {"a.extxyz", "2\n" XYZ "\nLi 0 0 0\n", NMD_FILE_TRUNCATED, "a.extxyz:4: the file ends here"},
    {"a.extxyz", "1\n" XYZ "\nXx 0 0 0\n", NMD_UNKNOWN_ELEMENT, "a.extxyz:3:1: 'Xx'"},
    {"a.extxyz", "1\n" XYZ "\nli 0 0 0\n", NMD_UNKNOWN_ELEMENT, "a.extxyz:3:1: 'li'"},
    {"a.extxyz", "1\n" XYZ "\nLi 0 nan 0\n", NMD_BAD_NUMBER, "a.extxyz:3:6: position: 'nan'"},
    {"a.extxyz", "1\n" XYZ "\nLi 0 0 inf\n", NMD_BAD_NUMBER, "a.extxyz:3:8: position: 'inf'"},
    {"a.extxyz", "1\n" XYZ "\nLi 0 0 1e999\n", NMD_BAD_NUMBER, "a.extxyz:3:8:"},
    {"a.extxyz", "1\n" XYZ "\nLi 0 0 1.0.0\n", NMD_BAD_NUMBER, "a.extxyz:3:8:"},
    {"a.extxyz", "1\n" XYZ "\nLi 0 0\n", NMD_FILE_FORMAT, "a.extxyz:3: atom 1 of 1: 3 columns"},
    {"a.extxyz", "1\n" XYZ "\nLi 0 0 0 7\n", NMD_FILE_FORMAT, "a.extxyz:3:10: atom 1 of 1: more than 4"},
    {"a.extxyz", "1\nLattice=\"5 0 0 0 5 0 0 0\"\nLi 0 0 0\n", NMD_FILE_FORMAT, "a.extxyz:2:10: Lattice: 8 numbers"},
    {"a.extxyz", "1\nLattice=\"5 0 0 0 5 0 0 0 x\"\nLi 0 0 0\n", NMD_BAD_NUMBER, "a.extxyz:2:26: Lattice: 'x'"},
    {"a.extxyz", "1\nLattice=\"5 0 0 0 5 0 0 0 0\"\nLi 0 0 0\n", NMD_BAD_CELL, "a.extxyz:2: cell"},
    {"a.extxyz", "1\nLattice=\"5 0 0 0 5 0 5 5 0\"\nLi 0 0 0\n", NMD_BAD_CELL, "a.extxyz:2: cell"},
    {"a.extxyz", "1\nLattice=\"5 0 0 0 5 0 0 0 5\nLi 0 0 0\n", NMD_FILE_FORMAT, "a.extxyz:2:9: quote without end"},
    {"a.extxyz", "1\npbc=\"T T T\"\nLi 0 0 0\n", NMD_MISSING_KEY, "a.extxyz:2: pbc has T but there is no Lattice"},
    {"a.extxyz", "1\n" XYZ " pbc=\"T T\"\nLi 0 0 0\n", NMD_FILE_FORMAT, "pbc: 2 values"},
    {"a.extxyz", "1\n" XYZ " pbc=\"T T Q\"\nLi 0 0 0\n", NMD_FILE_FORMAT, "pbc: 'Q'"},
    {"a.extxyz", "1\n" XYZ " Lattice=\"1\"\nLi 0 0 0\n", NMD_DUPLICATE_KEY, "a.extxyz:2:60: Lattice: given twice"},
    {"a.extxyz", "1\nProperties=species:S:1\nLi\n\n\n\n", NMD_MISSING_KEY, "a.extxyz:2: Properties: no column of pos"},
    {"a.extxyz", "1\nProperties=pos:R:3\n0 0 0\n", NMD_MISSING_KEY, "no column of elements"},
    {"a.extxyz", "1\nProperties=species:S:1:pos:R:2\nLi 0 0\n", NMD_FILE_FORMAT,
     "a.extxyz:2:24: Properties: column pos:R:2"},
    {"a.extxyz", "1\nProperties=species:S:1:pos:Q:3\nLi 0 0\n", NMD_FILE_FORMAT, "a.extxyz:2:28: Properties: type 'Q'"},
    {"a.extxyz", "1\nProperties=species:S:1:pos:R\nLi 0 0\n", NMD_FILE_FORMAT, "a.extxyz:2:24: Properties: 'pos'"},
    {"a.extxyz", "1\nProperties=species:S:1:pos:R:0\nLi 0 0\n", NMD_OUT_OF_RANGE, "column count: 0"},
    {"a.extxyz", "1\nProperties=species:S:1:pos:R:3:x:R:99999\nLi 0 0\n", NMD_OUT_OF_RANGE, "column count: 99999"},
    {"a.extxyz", "1\nProperties=species:S:1:pos:R:3:pos:R:3\nLi 0 0\n", NMD_DUPLICATE_KEY, "column 'pos' repeats"},
    {"a.extxyz", "1\n" XYZ " energy=nan\nLi 0 0 0\n", NMD_BAD_NUMBER, "a.extxyz:2:67: energy: 'nan'"},
    {"a.extxyz", "1\nProperties=Z:I:1:pos:R:3\n119 0 0 0\n", NMD_UNKNOWN_ELEMENT, "a.extxyz:3:1: atomic number 119"},
    {"a.extxyz", "2\n" XYZ ":id:I:1\nLi 0 0 0 4\nLi 1 1 1 4\n", NMD_DUPLICATE_KEY, "a.extxyz:4:10: atom id 4"},
    {"a.extxyz", "1\n" XYZ ":id:I:1\nLi 0 0 0 0\n", NMD_OUT_OF_RANGE, "a.extxyz:3:10: atom id: 0"},
    {"a.extxyz", "1\n" XYZ ":id:I:1\nLi 0 0 0 1.5\n", NMD_BAD_NUMBER, "a.extxyz:3:10: atom id: '1.5'"},
    {"a.extxyz", "1\n" XYZ ":image:I:3\nLi 0 0 0 0 9999999999 0\n", NMD_OUT_OF_RANGE, "a.extxyz:3:12: image counter"},
    {"a.extxyz", "1\n" XYZ ":momenta:R:3:masses:R:1\nLi 0 0 0 0 0 0 0\n", NMD_OUT_OF_RANGE, "a.extxyz:3:16: mass: 0 u"},
    {"a.extxyz", "1\n" XYZ "\nLi 0 0 0\n1\n" XYZ "\nLi 0 0 z\n", NMD_BAD_NUMBER, "a.extxyz:6:8: position: 'z'"},
    {"a.extxyz", "1\n" XYZ "\nLi 0 0 0\nLi 1 1 1\n", NMD_FILE_FORMAT, "a.extxyz:4:4: '1' behind the number of atoms"},
    {"a.extxyz", "1\n\nLi 1e308 0 0\n", NMD_OUT_OF_RANGE, NULL},
    {"a.extxyz", "2\n\nLi -1e308 -1e308 0\nLi 1e308 1e308 0\n", NMD_BAD_CELL, "a.extxyz:4:"},
    {"a.extxyz", "1\n" XYZ "\nLi 0 \033[31m 0\n", NMD_BAD_NUMBER, "'?[31m'"},
    /* LAMMPS data */
    {"a.lmp", "c\n\n2 atoms\n", NMD_FILE_TRUNCATED, "a.lmp:3:1: 2 atoms announced"},
    {"a.lmp", "c\n\n2 atoms\n" LMP_BOX, NMD_MISSING_KEY, "no line `N atom types`"},
    {"a.lmp", "c\n\n1 atom types\n" LMP_BOX, NMD_MISSING_KEY, "no line `N atoms`"},
    {"a.lmp", "c\n2 atoms\n1 atom types\n0 5 xlo xhi\n0 5 zlo zhi\nMasses\n", NMD_MISSING_KEY, "no line `ylo yhi`"},
    {"a.lmp", "c\n2 atoms\n1 atom types\n0 5 xlo xhi\n5 0 ylo yhi\n", NMD_BAD_CELL, "a.lmp:5:3: yhi 0 is not above"},
    {"a.lmp", "c\n2 atoms\n1 atom types\n0 5 xlo xhi\n0 five ylo yhi\n", NMD_BAD_NUMBER, "a.lmp:5:3: yhi: 'five'"},
    {"a.lmp", "c\n2 atoms\n0 atom types\n                 ", NMD_OUT_OF_RANGE, "a.lmp:3:1: atom types: 0"},
    {"a.lmp", "c\n1 atoms\n3 bonds\n                 ", NMD_CONFLICT, "a.lmp:3:1: 3 bonds: bonded styles"},
    {"a.lmp", "c\n1 atoms\n3 ponies\n                ", NMD_UNKNOWN_KEY, "a.lmp:3:1: '3 ponies'"},
    {"a.lmp", LMP "Atoms\n\n1 1 0 0 0\n", NMD_FILE_TRUNCATED, "expected line 2 of 2 of section Atoms"},
    {"a.lmp", LMP, NMD_FILE_TRUNCATED, "ends without a section Atoms"},
    {"a.lmp", LMP "Atoms\n\n1 1 0 0 0\n1 1 1 1 1\n", NMD_DUPLICATE_KEY, "a.lmp:16:1: atom id 1"},
    {"a.lmp", LMP "Atoms\n\n1 1 0 0 0\n2 2 1 1 1\n", NMD_OUT_OF_RANGE, "a.lmp:16:3: atom type: 2"},
    {"a.lmp", LMP "Atoms\n\n1 1 0 0 0\n2 1 1 1\n", NMD_FILE_FORMAT, "a.lmp:16: section Atoms: 4 words"},
    {"a.lmp", LMP "Atoms\n\n1 1 0 0 0\n2 1 0.5 1 1 1\n", NMD_FILE_FORMAT, "a.lmp:16: section Atoms: 6 words"},
    {"a.lmp", LMP "Atoms # full\n\n1 1 0 0 0\n", NMD_BAD_CHOICE, "a.lmp:13:9: atom style 'full'"},
    {"a.lmp", LMP "Atoms # charge\n\n1 1 0 0 0\n2 1 0 0 0\n", NMD_FILE_FORMAT, "a.lmp:15:"},
    {"a.lmp", LMP "Atoms\n\n1 1 0 0 0\n2 1 0 0 bad\n", NMD_BAD_NUMBER, "a.lmp:16:9: position: 'bad'"},
    {"a.lmp", LMP "Atoms\n\n1 1 0 0 0\n2 1 0 0 1 0 0 0.5\n", NMD_FILE_FORMAT, "a.lmp:16: section Atoms: 8 words"},
    {"a.lmp", LMP "Atoms\n\n1 1 0 0 0\n2 1 0 0 1\n\nVelocities\n\n1 0 0 0\n9 0 0 0\n", NMD_CONFLICT,
     "a.lmp:21:1: no atom 9"},
    {"a.lmp", LMP "Velocities\n\n1 0 0 0\n2 0 0 0\n", NMD_FILE_FORMAT, "a.lmp:13: Velocities before Atoms"},
    {"a.lmp", LMP "Atoms\n\n1 1 0 0 0\n2 1 0 0 1\n3 1 0 0 1\n", NMD_UNKNOWN_KEY, "a.lmp:17:1: '3' is no section"},
    {"a.lmp", "c\n2 atoms\n1 atom types\n" LMP_BOX "Masses\n\n1 -3\n\n", NMD_OUT_OF_RANGE, "a.lmp:9:3: mass: -3"},
    {"a.lmp", "c\n1 atoms\n1 atom types\n" LMP_BOX "Masses\n\n1 196.967 # Li\n\nAtoms\n\n1 1 0 0 0\n", NMD_CONFLICT,
     "a.lmp:9: atom type 1 (mass 196.967, comment 'Li'"},
    {"a.lmp", "c\n1 atoms\n1 atom types\n" LMP_BOX "Masses\n\n1 1000\n\nAtoms\n\n1 1 0 0 0\n", NMD_UNKNOWN_ELEMENT,
     "a.lmp:9: atom type 1 (mass 1000"},
    {"a.lmp", "c\n1 atoms\n1 atom types\n" LMP_BOX "Atoms\n\n1 1 0 0 0\n", NMD_UNKNOWN_ELEMENT, "a.lmp: atom type 1"},
    /* XDATCAR */
    {"XDATCAR", POS "Li\n1\nDirect\n0 0 0\n", NMD_FILE_FORMAT, "XDATCAR:8: 'Direct' where a frame begins"},
    {"XDATCAR", POS "Li\n1\nDirect configuration= 1\n0 0           \n", NMD_FILE_FORMAT,
     "XDATCAR:9: position of atom 1 of 1"},
    {"XDATCAR", POS "Li\n1\nDirect configuration= 1\n0 0 0\nDirect configuration= 2\n0 nan 0\n", NMD_BAD_NUMBER,
     "XDATCAR:11:3: position: 'nan'"},
    {"XDATCAR", POS "Li\n2\nDirect configuration= 1\n0 0 0\n0 0 .5\nDirect configuration= 2\n0 0 0\n",
     NMD_FILE_TRUNCATED, "XDATCAR:11:"},
    {"XDATCAR", POS "Li\n2\nDirect configuration= 1\n0 0 0\n0 0 .5\n" POS "Li\n2\n\n0 0 0\n0 0 .5\n", NMD_FILE_FORMAT,
     "XDATCAR:18: '' where a frame begins"},
    /* POSCAR */
    {"POSCAR", "c\n", NMD_FILE_TRUNCATED, "POSCAR:2: the file ends here; expected the scale"},
    {"POSCAR", "c\n0\n", NMD_OUT_OF_RANGE, "POSCAR:2:1: scale: 0"},
    {"POSCAR", "c\nx\n", NMD_BAD_NUMBER, "POSCAR:2:1: scale: 'x'"},
    {"POSCAR", "c\n1 2\n", NMD_FILE_FORMAT, "POSCAR:2: scale: 2 words"},
    {"POSCAR", "c\n1\n5 0\n", NMD_FILE_FORMAT, "POSCAR:3: cell vector 1: 2 words"},
    {"POSCAR", "c\n1\n5 0 0\n0 5 0\n5 5 0\nLi\n1\nDirect\n0 0 0\n", NMD_BAD_CELL, "POSCAR:5: cell"},
    {"POSCAR", "c\n-100\n5 0 0\n0 5 0\n5 5 0\nLi\n1\nDirect\n0 0 0\n", NMD_BAD_CELL, "POSCAR:5: cell"},
    {"POSCAR", POS "2\nDirect\n0 0 0\n0.5 0.5 0.5\n", NMD_MISSING_KEY, "POSCAR:6:1: '2' where element symbols"},
    {"POSCAR", POS "Li Zz\n1 1\nDirect\n0 0 0\n0.5 0.5 0.5\n", NMD_UNKNOWN_ELEMENT, "POSCAR:6:4: 'Zz'"},
    {"POSCAR", POS "Li Au\n1\nDirect\n0 0 0\n0.5 0.5 0.5\n", NMD_FILE_FORMAT, "POSCAR:7: 1 numbers of atoms for 2"},
    {"POSCAR", POS "Li\n-1\nDirect\n0 0 0\n", NMD_OUT_OF_RANGE, "POSCAR:7:1: number of atoms: -1"},
    {"POSCAR", POS "Li\n0\nDirect\n0 0 0\n", NMD_OUT_OF_RANGE, "POSCAR:7:1: no atoms at all"},
    {"POSCAR", POS "Li\n1e6\nDirect\n0 0 0\n", NMD_BAD_NUMBER, "POSCAR:7:1: number of atoms: '1e6'"},
    {"POSCAR", POS "Li\n1000000\nDirect\n0 0 0\n", NMD_FILE_TRUNCATED, "POSCAR:7:1: 1000000 atoms"},
    {"POSCAR", POS "Li\n2\n0 0 0\n0.5 0.5 0.5\n", NMD_FILE_FORMAT, "POSCAR:8:1: '0' is no kind of coordinates"},
    {"POSCAR", POS "Li\n2\nDirect\n0 0 0\n  0.5 0.5\n", NMD_FILE_FORMAT,
     "POSCAR:10: position of atom 2 of 2: 2 numbers"},
    {"POSCAR", POS "Li\n2\nDirect\n0 0 0\n", NMD_FILE_TRUNCATED, "POSCAR:10: the file ends here"},
    {"POSCAR", POS "Li\n1\nDirect\n0 0 0\n1 1 1\n", NMD_FILE_FORMAT, "POSCAR:10:1: '1' behind the 1 positions"},
    {"POSCAR", POS "Li\n1\nDirect\n0 0 0\nDirect\n1 1 1\n", NMD_WRONG_UNIT, "POSCAR:10:1: velocities in direct"},
    {"POSCAR", POS "Li\n2\nDirect\n0 0 0\n0 0 1\n\n1 1 1\n", NMD_FILE_TRUNCATED, "POSCAR:13: the file ends here"},
    {"POSCAR", POS "Li\n1\nDirect\n0 0 1e308\n", NMD_OUT_OF_RANGE, "too large"},
    /* input.data */
    {"input.data", "begin\n", NMD_FILE_TRUNCATED, "input.data:2: the file ends here; expected the line `end`"},
    {"input.data", "begin\nend\n", NMD_FILE_FORMAT, "input.data:2: the structure from line 1 has no atom"},
    {"input.data", "begin\nbegin\n", NMD_FILE_FORMAT, "input.data:2:1: begin inside"},
    {"input.data", "begin\natom 0 0 0 Li 0 0 0 0\nend\n", NMD_FILE_FORMAT, "input.data:2:21: atom: 8 values"},
    {"input.data", "begin\natom 0 0 0 Li 0 0 0 0 0 0\nend\n", NMD_FILE_FORMAT, "input.data:2:25: atom: 10 values"},
    {"input.data", "begin\natom 0 0 0 LI 0 0 0 0 0\nend\n", NMD_UNKNOWN_ELEMENT, "input.data:2:12: 'LI'"},
    {"input.data", "begin\natom 0 0 0 Li 0 0 0 nan 0\nend\n", NMD_BAD_NUMBER, "input.data:2:21: force: 'nan'"},
    {"input.data", "begin\nlattice 5 0 0\natom 0 0 0 Li 0 0 0 0 0\nend\n", NMD_MISSING_KEY, "has 1 lattice lines"},
    {"input.data", "begin\nlattice 5 0\nend\n", NMD_FILE_FORMAT, "input.data:2:11: lattice: 2 values"},
    {"input.data", "begin\nlattice 1 0 0\nlattice 0 1 0\nlattice 0 0 1\nlattice 0 0 1\nend\n", NMD_DUPLICATE_KEY,
     "input.data:5:1: a fourth lattice"},
    {"input.data", "begin\nlattice 1 0 0\nlattice 0 1 0\nlattice 1 1 0\natom 0 0 0 Li 0 0 0 0 0\nend\n", NMD_BAD_CELL,
     "input.data:6: cell"},
    {"input.data", "begin\nenergy 1\nenergy 2\nend\n", NMD_DUPLICATE_KEY, "input.data:3:1: energy: a second time"},
    {"input.data", "begin\nenergy\nend\n", NMD_FILE_FORMAT, "input.data:2:1: energy: 0 values"},
    {"input.data", "begin\nforces 1\nend\n", NMD_UNKNOWN_KEY, "input.data:2:1: unknown keyword 'forces'"},
    {"input.data", "begin\natom 0 0 0 Li 0 0 0 0 0\nend\natom\n", NMD_FILE_FORMAT, "input.data:4:1: 'atom' outside"},
    /* LAMMPS dump */
    {"a.dump", "ITEM: TIMESTEP\n", NMD_FILE_TRUNCATED, "a.dump:2: the file ends here; expected timestep"},
    {"a.dump", "ITEM: TIMESTEP\n0\n", NMD_FILE_TRUNCATED, "a.dump:3: the file ends inside a frame"},
    {"a.dump", "ITEM: TIMESTEP\n0\nITEM: ATOMS id element x y z\n", NMD_MISSING_KEY, "ATOMS before NUMBER OF ATOMS"},
    {"a.dump", "ITEM: UNITS\nreal\n", NMD_WRONG_UNIT, "a.dump:2: units 'real'"},
    {"a.dump", "ITEM: NUMBER OF ATOMS\n12345\n", NMD_FILE_TRUNCATED, "a.dump:2:1: 12345 atoms"},
    {"a.dump", "ITEM: WEATHER\n", NMD_UNKNOWN_KEY, "a.dump:1: 'ITEM: WEATHER'"},
    {"a.dump", "ITEM: BOX BOUNDS pp pp pp\n0 1 2\n", NMD_FILE_FORMAT, "a.dump:2: box bounds: 3 numbers; expected 2"},
    {"a.dump", "ITEM: BOX BOUNDS pp pp pp\n0 1\n0 x\n", NMD_BAD_NUMBER, "a.dump:3:3: box bounds: 'x'"},
    {"a.dump", "ITEM: BOX BOUNDS pp pp pp\n0 1\n0 1\n0 0\n", NMD_BAD_CELL, "a.dump:4: cell"},
    {"a.dump", DUMP "id element x y\n1 H 0 0\n", NMD_MISSING_KEY, "a.dump:7: no positions"},
    {"a.dump", DUMP "id type x y z\n1 1 0 0 0\n", NMD_MISSING_KEY, "a.dump:7: no column element"},
    {"a.dump", DUMP "id id element x y z\n1 1 H 0 0 0\n", NMD_DUPLICATE_KEY, "a.dump:7:16: column 'id'"},
    {"a.dump", DUMP "element x y z\nH 0 0\n", NMD_FILE_FORMAT, "a.dump:8: atom 1 of 1: 3 columns"},
    {"a.dump", DUMP "element x y z\nH 0 0 0 0\n", NMD_FILE_FORMAT, "a.dump:8: atom 1 of 1: at least 5 columns"},
    {"a.dump", DUMP "element x y z\nQ 0 0 0\n", NMD_UNKNOWN_ELEMENT, "a.dump:8:1: 'Q'"},
    {"a.dump", DUMP "element x y z\nH 0 0 0\nH 0 0 1\n", NMD_FILE_FORMAT, "a.dump:9:1: 'H 0 0 1'"},
    /* unrecognisable */
    {"mystery", "hello\nworld\n", NMD_FILE_FORMAT, "mystery:1: neither name nor content"},
    {"mystery.cif", "data_NaCl\n_cell_length_a 5.64\n", NMD_FILE_FORMAT, "ase convert a.cif a.extxyz"},
};

static void test_bad_files(void) {
  for (size_t k = 0; k < sizeof bad_files / sizeof bad_files[0]; k++) {
    const bad_file *bad = &bad_files[k];
    const char *path = test_write(bad->name, bad->text);
    const int64_t before = nmd_memory_in_use();
    nmd_structure s;
    const nmd_status code = nmd_structure_read(path, NULL, -1, &s);
    if (bad->part == NULL && code == NMD_OK) nmd_structure_free(&s);
    if (bad->part == NULL) continue; /* anything but a crash */
    TEST_CHECK(code == bad->code, "case %zu '%.60s': %s (%s), expected %s", k, bad->text, nmd_status_name(code),
               nmd_error_text(), nmd_status_name(bad->code));
    if (code == NMD_OK) {
      nmd_structure_free(&s);
      continue;
    }
    const bool found = strstr(nmd_error_text(), bad->part) != NULL;
    TEST_CHECK(found, "case %zu: '%s' lacks '%s'", k, nmd_error_text(), bad->part);
    TEST_CHECK(strchr(nmd_error_text(), '\n') == NULL, "case %zu: more than one line", k);
    TEST_CHECK(s.n == 0 && nmd_memory_in_use() == before, "case %zu: memory left", k);
  }
}

static void test_bad_bytes(void) {
  nmd_structure s;
  FILE *file = fopen(test_path("nul.xyz"), "wb");
  fwrite("1\nLat\0tice\n", 1, 11, file);
  fclose(file);
  TEST_FAILS(nmd_structure_read(test_path("nul.xyz"), NULL, 0, &s), NMD_FILE_FORMAT);
  TEST_CONTAINS(nmd_error_text(), "nul.xyz:2: NUL byte in column 4");
  TEST_FAILS(nmd_structure_read(test_path("nothing.xyz"), NULL, 0, &s), NMD_FILE_MISSING);
  TEST_CONTAINS(nmd_error_text(), "No such file");
  TEST_FAILS(nmd_structure_read(test_folder(), NULL, 0, &s), NMD_FILE_MISSING);
}

/* Cutting or changing any byte of a good file gives a result or an error, never anything else. */
static void try_mutations(const char *name, const char *text) {
  const size_t n = strlen(text);
  char *copy = malloc(n + 1);
  for (size_t k = 0; k <= 8 * n; k++) {
    memcpy(copy, text, n + 1);
    static const char bytes[] = {'\0', ' ', '\n', '-', '9', '"', ':'};
    const size_t at = k / 8;
    size_t length = n;
    if (k % 8 == 7) length = at;
    else if (at < n) copy[at] = bytes[k % 8];
    nmd_structure_reader *reader;
    if (nmd_structure_reader_open_bytes(name, copy, length, NULL, &reader) != NMD_OK) continue;
    bool end = false;
    while (!end) {
      nmd_structure s;
      if (nmd_structure_reader_next(reader, &s, &end) != NMD_OK) end = true;
      if (!end) nmd_structure_free(&s);
    }
    nmd_structure_reader_close(reader);
  }
  free(copy);
}

static void test_mutations(void) {
  const int64_t before = nmd_memory_in_use();
  try_mutations("a.xyz", "2\n" XYZ ":id:I:1:image:I:3:velo:R:3:forces:R:3 a=\"b\\\"c\" pbc=[T,F,T] energy=-1.5e0\n"
                         "Li 0 0 0 1 0 1 2 0 0 0 1 1 1\nAu 1 2 3 4 0 -1 2 .1 .2 .3 1 1 1\n"
                         "1\n\nH 0 0 0\n");
  try_mutations("a.lmp", LMP "Atoms # atomic\n\n1 1 0 0 0 1 2 3\n2 1 0 0 1 0 0 0\n\nVelocities\n\n1 0 0 0\n2 0 1 0\n");
  try_mutations("POSCAR", POS "Li_sv Au\n1 1\nSelective\nDirect\n0 0 0 T T F\n.5 .5 .5 T T T\n\n0 0 1\n1 0 0\n");
  try_mutations("input.data", "begin\ncomment x\nlattice 5 0 0\nlattice 0 5 0\nlattice 0 1 5\n"
                              "atom 0 0 0 Li 0 0 0 1 2\nenergy 1\ncharge 0\nend\n");
  try_mutations("a.dump", "ITEM: TIMESTEP\n5\nITEM: UNITS\nmetal\n" DUMP
                          "id element xs ys zs ix iy iz vx vy vz fx fy fz\n"
                          "1 H 0 0 0 1 2 3 1 1 1 2 2 2\n" DUMP "element xu yu zu\nAu 0 1 2\n");
  TEST_EQUAL_INT(nmd_memory_in_use(), before);
}

static void test_frame_numbers(void) {
  nmd_structure s;
  const char *path = test_write("frames.xyz", "1\n" XYZ "\nLi 0 0 0\n\n1\n" XYZ "\nAu 0 0 0\n");
  TEST_FAILS(nmd_structure_read(path, NULL, 2, &s), NMD_OUT_OF_RANGE);
  TEST_CONTAINS(nmd_error_text(), "frame 2 does not exist; expected 0 to 1");
  TEST_FAILS(nmd_structure_read(path, NULL, -2, &s), NMD_OUT_OF_RANGE);
  const nmd_read_options options = {.format = "pdb"};
  TEST_FAILS(nmd_structure_read(path, &options, 0, &s), NMD_BAD_CHOICE);
  TEST_CONTAINS(nmd_error_text(), "input_data, extxyz, lammps_dump, lammps_data, outcar, vasprun, deepmd, xdatcar, poscar");
}

TEST_SUITE("io/read_malformed", TEST(test_bad_files), TEST(test_bad_bytes), TEST(test_mutations),
           TEST(test_frame_numbers))

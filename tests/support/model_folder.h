/* SPDX-License-Identifier: BSD-3-Clause */
/* Model folders made for tests: copies of a reference folder with one thing changed, and small generated ones. */
#ifndef NNPMD_TESTS_SUPPORT_MODEL_FOLDER_H
#define NNPMD_TESTS_SUPPORT_MODEL_FOLDER_H

/* One change of one file. `find` replaced (first occurrence) by `put`; find NULL: `put` is appended; put NULL: the file
 * is cut off where `find` begins, and removed if that is NULL too. */
typedef struct model_edit {
  const char *file;
  const char *find, *put;
} model_edit;

/* Copies input.nn, scaling.data and weights.NNN.data of a folder under tests/reference to test_folder() and applies the
 * edits. Ends the program if `find` is not there. Returns test_folder(). */
const char *model_folder_edited(const char *source, const model_edit *edits, int n_edits);

/* Copies the model of a folder under tests/reference to `folder`, which is made. With a factor other than 0 the weights
 * are multiplied by it and by a little more from line to line, so that no two networks are multiples of each other. */
void model_folder_copy(const char *source, const char *folder, double factor);

/* Replaces every line end of the model's files in test_folder() by `ending`. */
void model_folder_line_ends(const char *ending);

/* Writes a model of the elements H and O: `input` plus settings, n functions of range 0 to 1, mean 0.5 an element in
 * scaling.data, and n_weights numbers in each weights file. Returns test_folder(). */
const char *model_folder_generated(const char *input, const int n_functions[2], const int n_weights[2]);

#endif

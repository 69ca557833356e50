/* SPDX-License-Identifier: BSD-3-Clause */
#include "support/model_folder.h"

#include <dirent.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support/test.h"

static bool is_model_file(const char *name) {
  return strcmp(name, "input.nn") == 0 || strcmp(name, "scaling.data") == 0 || strncmp(name, "weights.", 8) == 0;
}

static void remove_model_files(const char *folder) {
  DIR *open_folder = opendir(folder);
  char path[1024];
  for (const struct dirent *entry; open_folder != NULL && (entry = readdir(open_folder)) != NULL;) {
    snprintf(path, sizeof path, "%s/%.200s", folder, entry->d_name);
    if (is_model_file(entry->d_name)) unlink(path);
  }
  if (open_folder != NULL) closedir(open_folder);
}

static void apply(const model_edit *edit) {
  const char *path = test_path(edit->file);
  char *text = test_read(path);
  if (edit->find == NULL && edit->put == NULL) {
    unlink(path);
    free(text);
    return;
  }
  const size_t put_length = edit->put != NULL ? strlen(edit->put) : 0;
  char *at = text == NULL ? NULL : edit->find == NULL ? text + strlen(text) : strstr(text, edit->find);
  if (at == NULL) {
    fprintf(stderr, "test edit: \"%s\" is not in %s\n", edit->find != NULL ? edit->find : "", path);
    exit(1);
  }
  char *changed = calloc(strlen(text) + put_length + 1, 1);
  memcpy(changed, text, (size_t)(at - text));
  if (edit->put != NULL) strcat(changed, edit->put);
  if (edit->put != NULL && edit->find != NULL) strcat(changed, at + strlen(edit->find));
  test_write(edit->file, changed);
  free(changed);
  free(text);
}

const char *model_folder_edited(const char *source, const model_edit *edits, int n_edits) {
  char from[1024], path[2048];
  snprintf(from, sizeof from, "%s/reference/%s", NMD_TEST_DATA, source);
  remove_model_files(test_folder());
  DIR *open_folder = opendir(from);
  if (open_folder == NULL) exit(1);
  for (const struct dirent *entry; (entry = readdir(open_folder)) != NULL;) {
    if (!is_model_file(entry->d_name)) continue;
    snprintf(path, sizeof path, "%s/%.200s", from, entry->d_name);
    char *text = test_read(path);
    test_write(entry->d_name, text);
    free(text);
  }
  closedir(open_folder);
  for (int i = 0; i < n_edits; i++) apply(&edits[i]);
  return test_folder();
}

static void copy_file(const char *from, const char *to, double factor) {
  char line[1024];
  FILE *in = fopen(from, "r"), *out = fopen(to, "w");
  TEST_CHECK(in != NULL && out != NULL, "%s to %s", from, to);
  for (int n = 0; in != NULL && out != NULL && fgets(line, sizeof line, in) != NULL; n++) {
    char *end;
    const double value = strtod(line, &end);
    if (factor != 0.0 && end != line)
      fprintf(out, "%.17g%s", value * (factor + 1e-3 * (n % 7)), end);
    else
      fputs(line, out);
  }
  if (in != NULL) fclose(in);
  if (out != NULL) fclose(out);
}

void model_folder_copy(const char *source, const char *folder, double factor) {
  char from[1024], path[2048], to[2048];
  snprintf(from, sizeof from, "%s/reference/%s", NMD_TEST_DATA, source);
  mkdir(folder, 0777);
  DIR *open_folder = opendir(from);
  if (open_folder == NULL) exit(1);
  for (const struct dirent *entry; (entry = readdir(open_folder)) != NULL;) {
    if (!is_model_file(entry->d_name)) continue;
    snprintf(path, sizeof path, "%s/%.200s", from, entry->d_name);
    snprintf(to, sizeof to, "%s/%.200s", folder, entry->d_name);
    copy_file(path, to, entry->d_name[0] == 'w' ? factor : 0.0);
  }
  closedir(open_folder);
}

void model_folder_line_ends(const char *ending) {
  DIR *open_folder = opendir(test_folder());
  for (const struct dirent *entry; open_folder != NULL && (entry = readdir(open_folder)) != NULL;) {
    if (!is_model_file(entry->d_name)) continue;
    char *text = test_read(test_path(entry->d_name));
    char *changed = calloc(2 * strlen(text) + 1, 1), *to = changed;
    for (const char *c = text; *c != '\0'; c++) {
      if (*c == '\n')
        to = stpcpy(to, ending);
      else
        *to++ = *c;
    }
    test_write(entry->d_name, changed);
    free(changed);
    free(text);
  }
  if (open_folder != NULL) closedir(open_folder);
}

const char *model_folder_generated(const char *input, const int n_functions[2], const int n_weights[2]) {
  static char text[1 << 16];
  size_t used = 0;
  remove_model_files(test_folder());
  snprintf(text, sizeof text, "number_of_elements 2\nelements O H\n%s", input);
  test_write("input.nn", text);
  for (int e = 0; e < 2; e++)
    for (int f = 0; f < n_functions[e]; f++)
      used += (size_t)snprintf(text + used, sizeof text - used, "%d %d 0.0 1.0 0.5 0.1\n", e + 1, f + 1);
  test_write("scaling.data", text);
  for (int e = 0; e < 2; e++) {
    used = 0;
    for (int i = 0; i < n_weights[e]; i++)
      used += (size_t)snprintf(text + used, sizeof text - used, "%.3f\n", 0.001 * (i + 1) + e);
    test_write(e == 0 ? "weights.001.data" : "weights.008.data", text);
  }
  return test_folder();
}

// SPDX-License-Identifier: Apache-2.0
//
// For tests beside other readers: `tree_tool json|yaml` reads documents from stdin, each as a line
// with its length in bytes and then its bytes, and answers each with a line: compact JSON, or `!`,
// the status in words and the message.

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/json.h"

int main(int argc, char **argv)
{
    bool yaml = argc == 2 && strcmp(argv[1], "yaml") == 0;
    size_t length;
    while (scanf("%zu", &length) == 1 && getchar() == '\n') {
        char *bytes = malloc(length + 1);
        if (bytes == NULL || fread(bytes, 1, length, stdin) != length)
            return 1;
        gy_arena arena = GY_ARENA_INIT;
        gy_error err = {0};
        gy_json *root;
        gy_status status = yaml ? gy_yaml_parse(&root, bytes, length, "doc", &arena, &err)
                                : gy_json_parse(&root, bytes, length, "doc", &arena, &err);
        gy_text out = {0};
        if (status == GY_OK)
            gy_json_write(&out, root);
        if (status == GY_OK)
            printf("%s\n", out.bytes);
        else
            printf("! %s: %s\n", gy_status_text(status), err.message);
        gy_text_release(&out);
        gy_arena_release(&arena);
        free(bytes);
    }
    return 0;
}

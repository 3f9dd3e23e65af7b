// SPDX-License-Identifier: Apache-2.0
//
// Whether the samples of a batch meet in a model. The graph is read for one sample and for MANY: a
// tensor that holds samples has one axis that is MANY times as long in the second. From the inputs
// on, each operator is asked whether sample i of its output comes from sample i of its inputs
// alone; what it is not known to do counts as a meeting. Nothing is run: three samples that meet
// where two do not are found as surely as two.

#include <string.h>

#include "model/graph.h"
#include "model/op.h"

enum { MANY = 7 }; // a size that hardly stands for anything else

// A tensor's mark: what it holds.
enum { MEETING = 1, SHARED, APART }; // shared by all samples; APART + axis: one of each sample

/** A node that is looked at, and the same one of the graph for one sample. */
typedef struct step {
    const gy_node *node;
    const gy_tensor *y; // an output
    size_t axis;        // of y's samples
} step;

static bool find_axis(size_t *axis, const gy_tensor *many, const gy_tensor *one)
{
    size_t differing = 0;
    for (size_t i = 0; many->rank == one->rank && i < many->rank; i++)
        if (many->shape[i] != one->shape[i]) {
            differing += many->shape[i] == MANY * one->shape[i] ? 1 : 2;
            *axis = i;
        }
    return differing == 1;
}

static bool is_apart(const gy_tensor *tensor, size_t axis)
{
    return tensor->mark == APART + axis;
}

// ---- what operators do with samples

// Inputs are broadcast over y; what has no samples is the same for all.
static bool is_aligned(const step *s)
{
    for (size_t i = 0; i < s->node->input_count; i++) {
        const gy_tensor *x = s->node->inputs[i];
        if (x == NULL)
            continue;
        size_t missing = s->y->rank - x->rank; // axes that it lacks in front
        if (x->rank > s->y->rank)
            return false;
        if (x->mark != SHARED ? s->axis < missing || !is_apart(x, s->axis - missing)
                              : s->axis >= missing && x->shape[s->axis - missing] != 1)
            return false;
    }
    return true;
}

// The only input with samples, on that axis; NULL: there are others.
static const gy_tensor *sole_input(const step *s, size_t i, size_t axis)
{
    for (size_t k = 0; k < s->node->input_count; k++)
        if (k != i && s->node->inputs[k] != NULL && s->node->inputs[k]->mark != SHARED)
            return NULL;
    const gy_tensor *x = gy_node_input(s->node, i);
    return x != NULL && is_apart(x, axis) ? x : NULL;
}

static bool is_by_row(const step *s)
{
    const gy_tensor *x = sole_input(s, 0, 0);
    return s->axis == 0 && x != NULL && x->rank > 1;
}

static bool is_gemm(const step *s)
{
    return is_by_row(s) && gy_node_int(s->node, "transA", 0) == 0;
}

static bool is_reduced(const step *s)
{
    // An axis that is reduced has no samples in y.
    const gy_tensor *x = s->node->inputs[0];
    return x->mark >= APART && sole_input(s, 0, x->mark - APART) != NULL;
}

static size_t product(const size_t *shape, size_t count)
{
    size_t made = 1;
    for (size_t i = 0; i < count; i++)
        made *= shape[i];
    return made;
}

// The elements stay in their order: as much must stand before the samples.
static bool is_view(const step *s)
{
    const gy_tensor *x = s->node->inputs[0];
    return x->mark >= APART && product(x->shape, x->mark - APART) == product(s->y->shape, s->axis);
}

static bool is_transpose(const step *s)
{
    size_t count;
    const int64_t *perm = gy_node_ints(s->node, "perm", &count);
    size_t from = s->y->rank - 1 - s->axis;
    if (perm != NULL)
        from = s->axis < count ? (size_t)perm[s->axis] : 0;
    return sole_input(s, 0, from) != NULL;
}

// The axis of an attribute, from 0.
static bool axis_of(size_t *axis, const step *s, int64_t otherwise)
{
    int64_t given = gy_node_int(s->node, "axis", otherwise), rank = (int64_t)s->y->rank;
    *axis = (size_t)(given < 0 ? given + rank : given);
    return *axis < s->y->rank;
}

static bool is_along(const step *s, int64_t otherwise)
{
    size_t axis;
    return axis_of(&axis, s, otherwise) && axis != s->axis && sole_input(s, 0, s->axis) != NULL;
}

static bool is_along_last(const step *s)
{
    return is_along(s, -1);
}

static bool is_along_first(const step *s)
{
    return is_along(s, 0);
}

// Before opset 13 Softmax took all axes from `axis` on for one.
static bool is_softmax(const step *s)
{
    size_t axis;
    if (s->node->opset >= 13)
        return is_along_last(s);
    return axis_of(&axis, s, 1) && axis > s->axis && sole_input(s, 0, s->axis) != NULL;
}

static bool is_layer_norm(const step *s)
{
    size_t axis;
    return axis_of(&axis, s, -1) && axis > s->axis && sole_input(s, 0, s->axis) != NULL;
}

static bool is_concat(const step *s)
{
    size_t axis;
    for (size_t i = 0; i < s->node->input_count; i++)
        if (!is_apart(s->node->inputs[i], s->axis))
            return false;
    return axis_of(&axis, s, 1) && axis != s->axis;
}

static bool is_gather(const step *s)
{
    const gy_tensor *data = s->node->inputs[0], *at = s->node->inputs[1];
    int64_t given = gy_node_int(s->node, "axis", 0);
    size_t axis = (size_t)(given < 0 ? given + (int64_t)data->rank : given);
    if (data->mark == SHARED)
        return at->mark >= APART && s->axis == axis + (at->mark - APART);
    return at->mark == SHARED && data->mark != MEETING && data->mark - APART != axis &&
           s->axis == data->mark - APART + (data->mark - APART > axis ? at->rank - 1 : 0);
}

// Steps, pads or repeats that leave the samples' axis as it is: it is not among those given.
static bool is_left_alone(const step *s, size_t input, const char *attribute)
{
    const int64_t *axes;
    size_t count;
    if (sole_input(s, 0, s->axis) == NULL ||
        gy_node_ints_either(&axes, &count, s->node, input, attribute, NULL) != GY_OK ||
        axes == NULL)
        return false;
    for (size_t i = 0; i < count; i++)
        if ((size_t)(axes[i] < 0 ? axes[i] + (int64_t)s->y->rank : axes[i]) == s->axis)
            return false;
    return true;
}

static bool is_slice(const step *s)
{
    return is_left_alone(s, 3, "axes");
}

static bool is_pad(const step *s)
{
    const int64_t *pads;
    size_t count, rank = s->y->rank;
    return sole_input(s, 0, s->axis) != NULL && gy_node_input(s->node, 3) == NULL &&
           gy_node_ints_either(&pads, &count, s->node, 1, "pads", NULL) == GY_OK &&
           count == 2 * rank && pads[s->axis] == 0 && pads[s->axis + rank] == 0;
}

static bool is_tile(const step *s)
{
    const gy_tensor *x = sole_input(s, 0, s->axis);
    return x != NULL && x->shape[s->axis] == s->y->shape[s->axis];
}

static bool is_matmul(const step *s)
{
    const gy_tensor *a = s->node->inputs[0], *b = s->node->inputs[1];
    if (a->rank < 2 || b->rank < 2)
        return a->rank >= 2 && s->axis < a->rank - 1 && sole_input(s, 0, s->axis) != NULL;
    if (s->axis + 2 < s->y->rank) // one matrix or more of each sample
        return is_aligned(s);
    size_t i = s->axis + 2 == s->y->rank ? 0 : 1; // rows of A, columns of B
    const gy_tensor *x = s->node->inputs[i];
    return sole_input(s, i, x->rank - 2 + i) != NULL;
}

static bool is_integer_matmul(const step *s) // of bytes by a constant
{
    const gy_tensor *x = sole_input(s, 0, s->axis);
    return x != NULL && s->axis + 1 < x->rank;
}

static bool is_trilu(const step *s)
{
    return s->axis + 2 < s->y->rank && sole_input(s, 0, s->axis) != NULL;
}

// X is [steps][samples][inputs]; Y has the directions before the samples.
static bool is_recurrent(const step *s)
{
    size_t wanted = s->y->rank == 4 ? 2 : 1;
    bool fits = gy_node_int(s->node, "layout", 0) == 0 && s->axis == wanted;
    for (size_t i = 0; i < s->node->input_count; i++) {
        const gy_tensor *x = s->node->inputs[i];
        bool has_samples = i == 0 || i == 5 || i == 6;
        if (x != NULL && !(has_samples ? is_apart(x, 1) : x->mark == SHARED))
            return false;
    }
    return fits;
}

static bool is_scan(const step *s) // rows against a state
{
    return s->axis == 0 && s->y == s->node->outputs[1] && sole_input(s, 1, 0) != NULL;
}

static bool is_vectorizer(const step *s)
{
    for (size_t i = 0; i < s->node->input_count; i++)
        if (s->node->inputs[i]->rank < 2 || !is_apart(s->node->inputs[i], 0))
            return false;
    return s->axis == 0;
}

static bool is_quantized_pair(const step *s)
{
    for (size_t i = 0; i < s->node->input_count; i++) {
        const gy_tensor *x = s->node->inputs[i];
        bool is_operand = i == 0 || i == 3;
        if (x != NULL &&
            !(is_operand ? x->rank == s->y->rank && is_apart(x, s->axis) : x->mark == SHARED))
            return false;
    }
    return true;
}

static bool is_quantized(const step *s) // scales of one value, or of another axis
{
    const gy_tensor *scale = s->node->inputs[1];
    size_t axis;
    return sole_input(s, 0, s->axis) != NULL &&
           (scale->count == 1 || (axis_of(&axis, s, 1) && axis != s->axis));
}

typedef bool rule(const step *s);
static const struct {
    rule *keeps;
    const char *types; // between spaces
} rules[] = {
    {is_aligned,
     " Abs Add And BitwiseAnd BitwiseNot BitwiseOr BitwiseXor Cast CastLike Ceil Celu Clip Div "
     "Dropout Elu Equal Erf Exp Expand Floor Gelu Greater GreaterOrEqual HardSigmoid HardSwish "
     "Identity IsInf IsNaN LabelEncoder LeakyRelu Less LessOrEqual Log Max Mean Min Mish Mod Mul "
     "Neg Not Or PRelu Pow Reciprocal Relu Round Selu Shrink Sigmoid Sign Softplus Softsign Sqrt "
     "Sub Sum Swish Tanh ThresholdedRelu Where Xor Binarizer "},
    {is_by_row,
     " AveragePool BatchNormalization CDist Conv ConvInteger ConvTranspose DepthToSpace "
     "GlobalAveragePool GlobalMaxPool GroupNormalization Imputer InstanceNormalization LRN "
     "LinearClassifier LinearRegressor MaxPool Normalizer OneHotEncoder QLinearConv QGemm "
     "QLinearGlobalAveragePool SVMClassifier SVMRegressor Scaler SpaceToDepth "
     "TreeEnsembleClassifier TreeEnsembleRegressor ZipMap ArrayFeatureExtractor "},
    {is_reduced,
     " ReduceL1 ReduceL2 ReduceLogSum ReduceLogSumExp ReduceMax ReduceMean ReduceMin ReduceProd "
     "ReduceSum ReduceSumSquare ArgMax ArgMin "},
    {is_view, " Reshape Flatten Squeeze Unsqueeze "},
    {is_along_last, " LpNormalization TopK "},
    {is_along_first, " Split "},
    {is_softmax, " Softmax LogSoftmax "},
    {is_layer_norm, " LayerNormalization RMSNormalization "},
    {is_quantized, " QuantizeLinear DequantizeLinear "},
    {is_quantized_pair, " QLinearAdd QLinearMul "},
    {is_integer_matmul, " MatMulInteger QLinearMatMul "},
    {is_recurrent, " LSTM GRU RNN "},
    {is_gemm, " Gemm "},
    {is_matmul, " MatMul "},
    {is_transpose, " Transpose "},
    {is_concat, " Concat "},
    {is_gather, " Gather "},
    {is_slice, " Slice "},
    {is_pad, " Pad "},
    {is_tile, " Tile Resize "},
    {is_trilu, " Trilu "},
    {is_scan, " Scan "},
    {is_vectorizer, " FeatureVectorizer "},
};

static rule *rule_of(const gy_node *node)
{
    for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
        size_t length = strlen(node->op->type);
        for (const char *at = rules[i].types; (at = strstr(at, node->op->type)) != NULL; at++)
            if (at[-1] == ' ' && at[length] == ' ')
                return rules[i].keeps;
    }
    return NULL;
}

// ---- the walk

// A constant that was made from the shape of samples: the same for each of them, or else a shape.
static size_t mark_of_constant(const gy_tensor *many, const gy_tensor *one)
{
    size_t axis, size = gy_dtype_size(many->dtype);
    if (many->dtype == GY_STRING || size == 0)
        return many->count == one->count ? SHARED : MEETING;
    if (many->count == one->count)
        return many->count == 0 || memcmp(many->data, one->data, many->count * size) == 0 ? SHARED
                                                                                          : MEETING;
    if (!find_axis(&axis, many, one) || one->shape[axis] != 1)
        return MEETING;
    size_t inner = size * product(many->shape + axis + 1, many->rank - axis - 1);
    for (size_t i = 0; inner > 0 && i < many->count * size / inner; i++)
        if (memcmp((const char *)many->data + i * inner, (const char *)one->data + i / MANY * inner,
                   inner) != 0)
            return MEETING;
    return APART + axis;
}

static bool is_shape_operand(const gy_node *node, size_t i)
{
    return i == 1 &&
           (strcmp(node->op->type, "Reshape") == 0 || strcmp(node->op->type, "Expand") == 0);
}

// What a node's outputs hold; shapes that follow the batch are no samples.
static void mark_outputs(const gy_node *node, const gy_node *one)
{
    bool meets = false, has_samples = false;
    size_t shape = SIZE_MAX;
    for (size_t i = 0; i < node->input_count; i++) {
        const gy_tensor *x = node->inputs[i];
        if (x == NULL)
            continue;
        if (x->is_constant && is_shape_operand(node, i))
            shape = i;
        else
            meets = meets || x->mark == MEETING;
        has_samples = has_samples || x->mark >= APART;
    }
    if (shape != SIZE_MAX)
        node->inputs[shape]->mark = SHARED;
    rule *keeps = rule_of(node);
    for (size_t i = 0; i < node->output_count; i++) {
        gy_tensor *y = node->outputs[i];
        step s = {.node = node, .y = y};
        if (y == NULL)
            continue;
        y->mark = meets ? MEETING : SHARED;
        if (meets || !has_samples)
            continue;
        y->mark = keeps != NULL && find_axis(&s.axis, y, one->outputs[i]) && keeps(&s)
                      ? APART + s.axis
                      : MEETING;
    }
}

static void mark_inputs(gy_tensor *const *many, gy_tensor *const *one, size_t count, bool compares)
{
    for (size_t i = 0; i < count; i++) {
        size_t axis = 0;
        if (many[i] == NULL)
            continue;
        if (many[i]->is_constant)
            many[i]->mark = compares ? mark_of_constant(many[i], one[i]) : SHARED;
        else if (many[i]->is_input)
            many[i]->mark = find_axis(&axis, many[i], one[i]) && axis == 0 ? APART : SHARED;
    }
}

static bool keeps_apart(const gy_graph *many, const gy_graph *one)
{
    bool compares = many->reads_shapes || one->reads_shapes;
    if (many->node_count != one->node_count || many->output_count != one->output_count)
        return false;
    for (size_t i = 0; i < many->node_count; i++) {
        const gy_node *node = many->nodes[i], *same = one->nodes[i];
        if (node->op != same->op || node->input_count != same->input_count)
            return false;
        mark_inputs(node->inputs, same->inputs, node->input_count, compares);
        mark_outputs(node, same);
    }
    mark_inputs(many->outputs, one->outputs, many->output_count, compares);
    for (size_t i = 0; i < many->output_count; i++)
        if (!is_apart(many->outputs[i], 0) || one->outputs[i]->shape[0] != 1)
            return false;
    return true;
}

gy_status gy_model_apart(bool *apart, const char *path, const gy_model_options *options,
                         gy_error *err)
{
    gy_model *one = NULL, *many = NULL;
    gy_model_options chosen = *options;
    gy_error inner = {0};
    *apart = false;
    chosen.batch = 1;
    gy_status status = gy_model_open(&one, path, &chosen, &inner);
    chosen.batch = MANY;
    if (status == GY_OK)
        status = gy_model_open(&many, path, &chosen, &inner);
    if (status == GY_OK)
        *apart = keeps_apart(gy_model_graph(many), gy_model_graph(one));
    gy_model_close(one);
    gy_model_close(many);
    // A model that does not take one sample or MANY is no model of samples that never meet.
    return status == GY_NO_MEMORY || status == GY_IO ? gy_fail(err, status, "%s", inner.message)
                                                     : GY_OK;
}

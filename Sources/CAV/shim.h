#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libavutil/channel_layout.h>
#include <libavutil/error.h>
#include <libavutil/log.h>
#include <libavutil/opt.h>
#include <libswresample/swresample.h>

// Macros that Swift does not import.
static const int av_error_end_of_file = AVERROR_EOF;
static const int av_error_try_again = AVERROR(EAGAIN);
static const int av_error_no_memory = AVERROR(ENOMEM);
static const int av_error_input_output = AVERROR(EIO);
static const int av_error_invalid_data = AVERROR_INVALIDDATA;
static const int64_t av_no_timestamp = AV_NOPTS_VALUE;

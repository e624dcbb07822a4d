// The C interface of WebRTC's voice-activity detector (common_audio/vad/include/webrtc_vad.h), which Debian's package
// has in its libraries but not among its headers. Linked from the archive, of which the detector is 13 kB: the shared
// library, with its echo canceller and the rest, would have to be loaded at every start.
#ifndef CVAD_H
#define CVAD_H

#include <stddef.h>
#include <stdint.h>

typedef struct WebRtcVadInst VadInst;

/// A detector that has to be initialized; NULL without memory.
VadInst *WebRtcVad_Create(void);
void WebRtcVad_Free(VadInst *vad);
/// Has it forget all, in mode 0. 0, or -1 on error.
int WebRtcVad_Init(VadInst *vad);
/// How much it takes to be speech: 0 (least) to 3. 0, or -1 on error.
int WebRtcVad_set_mode(VadInst *vad, int mode);
/// 1 for speech, 0 for none, -1 on error. `length` samples at `rate` hertz are 10, 20 or 30 ms.
int WebRtcVad_Process(VadInst *vad, int rate, const int16_t *frame, size_t length);

#endif

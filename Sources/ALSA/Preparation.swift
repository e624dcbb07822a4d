import CALSA
import Glibc

extension ALSAConfiguration {
  /// Does what the first opening of a device would do before anything is opened: reads the configuration, and loads
  /// the plugins of the sound servers, which bring libraries of their own. No server is asked for anything.
  public static func prepare() {
    Library.prepare()
    guard snd_config_update() >= 0 else { return }
    for server in ["conf_pulse", "pcm_pulse", "pcm_pipewire"] {
      // It stays loaded: alsa-lib finds it when it loads it again.
      _ = snd_dlopen("libasound_module_\(server).so", RTLD_NOW, nil, 0)
    }
  }
}

import Glibc

/// The folders in which this process, and what it loads, look for programs.
enum SearchPath {
  /// Keeps those that are named from the root.
  ///
  /// The others lie in the working folder, where data of anybody may be, and drivers start programs by
  /// their names: PoCL a linker.
  static func keepAbsolute() {
    guard let folders = getenv("PATH") else { return }
    let kept = String(cString: folders).split(separator: ":").filter { $0.hasPrefix("/") }
    // An empty PATH would be the working folder.
    if kept.isEmpty { unsetenv("PATH") } else { setenv("PATH", kept.joined(separator: ":"), 1) }
  }
}

import Glibc
import SparseRecovery

/// What the system says about files, and about itself.
enum FileStatus {
  /// The bytes of a file, or nil where there is none.
  static func size(of path: String) -> Int? {
    var status = stat()
    return stat(path, &status) == 0 ? Int(status.st_size) : nil
  }

  /// Whether there is a folder at `path`.
  static func isFolder(_ path: String) -> Bool { type(of: path) == S_IFDIR }

  /// Whether there is a file at `path`, and neither a folder nor a device.
  static func isFile(_ path: String) -> Bool { type(of: path) == S_IFREG }

  /// Where a file is or would be, whatever the links that lead there; nil for what is no file, such as a device.
  static func place(of path: String) -> String? {
    guard type(of: path).map({ $0 == S_IFREG }) ?? true else { return nil }
    if isFile(path) { return AtomicFile.resolvingLinks(path) }
    let slash = path.lastIndex(of: "/")
    let folder = AtomicFile.resolvingLinks(slash.map { String(path[...$0]) } ?? ".")
    return "\(folder)/\(slash.map { path[path.index(after: $0)...] } ?? path[...])"
  }

  private static func type(of path: String) -> mode_t? {
    var status = stat()
    return stat(path, &status) == 0 ? status.st_mode & S_IFMT : nil
  }

  /// The names in a folder, in order; none where it cannot be read.
  static func names(in folder: String) -> [String] {
    guard let stream = opendir(folder) else { return [] }
    defer { closedir(stream) }
    var names: [String] = []
    while let entry = readdir(stream) {
      withUnsafePointer(to: &entry.pointee.d_name) { name in
        name.withMemoryRebound(to: CChar.self, capacity: 256) { names.append(String(cString: $0)) }
      }
    }
    return names.sorted()
  }

  /// The processor cores that this process may use.
  static var cores: Int { AvailableCores.count }
}

import Glibc

@testable import Experiments

/// A new folder, removed with this value and all it holds.
final class Folder {
  let path: String

  init() {
    var template = Array("/tmp/experiments-XXXXXX".utf8CString)
    path = mkdtemp(&template).map { String(cString: $0) } ?? ""
    precondition(!path.isEmpty, "no folder for a test")
  }

  func write(_ text: String, to name: String) -> String {
    let file = "\(path)/\(name)"
    let descriptor = open(file, O_WRONLY | O_CREAT | O_TRUNC, 0o644)
    precondition(Glibc.write(descriptor, text, text.utf8.count) == text.utf8.count)
    close(descriptor)
    return file
  }

  func text(_ name: String) throws -> String {
    String(decoding: try fileBytes("\(path)/\(name)"), as: UTF8.self)
  }

  var files: [String] {
    guard let folder = opendir(path) else { return [] }
    defer { closedir(folder) }
    var names: [String] = []
    while let entry = readdir(folder) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        String(cString: UnsafeRawPointer($0).assumingMemoryBound(to: CChar.self))
      }
      if name != ".", name != ".." { names.append(name) }
    }
    return names.sorted()
  }

  deinit {
    for name in files { unlink("\(path)/\(name)") }
    rmdir(path)
  }
}

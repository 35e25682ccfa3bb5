/// A zip archive of stored members put together by hand.
struct ZipBytes {
  /// What one member is and claims to be.
  struct Member {
    var name: String
    var data: [UInt8]
    var method: UInt16 = 0
    var flags: UInt16 = 0
    /// The size in the directory, where that is a lie.
    var size: UInt64?
    /// Where the directory says that the member starts, where that is a lie.
    var offset: UInt64?
  }

  var members: [Member] = []
  /// Whether sizes and places stand in the extra field and in the record of 64 bits.
  var isWide = false
  var comment = ""
  /// What the end claims the number of members to be, where that is a lie.
  var count: UInt64?
  var directorySize: UInt64?

  var bytes: [UInt8] {
    var file: [UInt8] = []
    var directory: [UInt8] = []
    for member in members {
      let size = member.size ?? UInt64(member.data.count)
      directory += entry(member, size: size, offset: member.offset ?? UInt64(file.count))
      file += encoded([0x0403_4B50 as UInt32])
      file += encoded([20, member.flags, member.method, 0, 0, 0, 0] as [UInt16])
      file += encoded([UInt32(truncatingIfNeeded: size), UInt32(truncatingIfNeeded: size)])
      file += encoded([UInt16(member.name.utf8.count), 0]) + member.name.utf8 + member.data
    }
    let (start, size) = (UInt64(file.count), directorySize ?? UInt64(directory.count))
    let count = count ?? UInt64(members.count)
    file += directory
    if isWide {
      let record = UInt64(file.count)
      file += encoded([0x0606_4B50 as UInt32]) + encoded([44 as UInt64])
      file += encoded([45, 45] as [UInt16]) + encoded([0, 0] as [UInt32])
      file += encoded([count, count, size, start])
      file += encoded([0x0706_4B50, 0] as [UInt32]) + encoded([record])
      file += encoded([1 as UInt32])
    }
    let short = { (value: UInt64) in isWide ? UInt32.max : UInt32(truncatingIfNeeded: value) }
    file += encoded([0x0605_4B50 as UInt32]) + encoded([0, 0] as [UInt16])
    file += encoded([UInt16(truncatingIfNeeded: short(count))])
    file += encoded([UInt16(truncatingIfNeeded: short(count))])
    file += encoded([short(size), short(start)])
    return file + encoded([UInt16(comment.utf8.count)]) + comment.utf8
  }

  private func entry(_ member: Member, size: UInt64, offset: UInt64) -> [UInt8] {
    let short = { (value: UInt64) in isWide ? UInt32.max : UInt32(truncatingIfNeeded: value) }
    let extra: [UInt8] =
      isWide ? encoded([1, 24] as [UInt16]) + encoded([size, size, offset]) : []
    var entry = encoded([0x0201_4B50 as UInt32])
    entry += encoded([20, 20, member.flags, member.method, 0, 0, 0, 0] as [UInt16])
    entry += encoded([short(size), short(size)])
    entry += encoded([UInt16(member.name.utf8.count), UInt16(extra.count), 0, 0, 0, 0, 0])
    return entry + encoded([short(offset)]) + member.name.utf8 + extra
  }
}

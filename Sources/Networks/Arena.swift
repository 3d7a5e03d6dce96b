// SPDX-License-Identifier: GPL-3.0-or-later

/// Memory handed out in order and given back all at once, aligned to 64 bytes: what one pass through a
/// network needs, allocated once and used again for the next. One thread's property.
final class Arena {
  /// A place in the order, to which memory can be given back.
  struct Mark {
    fileprivate let block: Int
    fileprivate let used: Int
  }

  private var blocks: [UnsafeMutableBufferPointer<Double>] = []
  private var block = 0
  private var used = 0

  deinit { for block in blocks { block.deallocate() } }

  /// Memory for `count` numbers, not set to anything.
  func take(_ count: Int) -> UnsafeMutablePointer<Double> {
    let rounded = (count + 7) / 8 * 8
    while block < blocks.count && used + rounded > blocks[block].count {
      block += 1
      used = 0
    }
    if block == blocks.count {
      let size = max(rounded, 1 << 16)
      let raw = UnsafeMutableRawPointer.allocate(byteCount: 8 * size, alignment: 64)
      blocks.append(
        UnsafeMutableBufferPointer(
          start: raw.bindMemory(to: Double.self, capacity: size), count: size))
    }
    defer { used += rounded }
    return blocks[block].baseAddress! + used
  }

  var mark: Mark { Mark(block: block, used: used) }

  /// Gives back whatever was taken after the mark.
  func release(to mark: Mark) {
    block = mark.block
    used = mark.used
  }

  func releaseAll() { release(to: Mark(block: 0, used: 0)) }
}

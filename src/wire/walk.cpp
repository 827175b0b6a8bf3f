#include "wire/walk.h"

#include "wire/show.h"

namespace chordial::wire {

Expected<void> walk(ByteView message, FieldVisitor& visitor, const KindModels& kinds) {
  const auto view = MessageView::parse(message);
  if (!view) return Failure(view.error());
  Show show(visitor, kinds);
  visitor.begin_object("");
  show.header(view->header(), message.first(view->header_bytes()));
  if (!view->header().is_whole()) {
    visitor.bytes("fragment_data", view->body());
    visitor.end_object();
    return {};
  }
  const auto contents = view->contents();
  if (!contents) return Failure(contents.error());
  visitor.begin_object("message_contents");
  visitor.enumerated("message_code", static_cast<std::uint16_t>(contents->message_code),
                     name_of(contents->message_code));
  visitor.begin_object("message_body");
  const Expected<void> done =
      with_body(*contents, [&](const auto& body) { return show.body(body); });
  if (!done) return done;
  visitor.end_object();
  show.extensions(contents->extensions);
  visitor.end_object();
  const auto block = view->security_block();
  if (!block) return Failure(block.error());
  show.security_block(*block);
  visitor.end_object();
  return {};
}

}  // namespace chordial::wire

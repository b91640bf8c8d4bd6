package iris.interop;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;

import org.igniterealtime.smack.inttest.AbstractSmackIntegrationTest;
import org.igniterealtime.smack.inttest.SmackIntegrationTestEnvironment;
import org.igniterealtime.smack.inttest.annotations.SmackIntegrationTest;
import org.jivesoftware.smack.XMPPException.XMPPErrorException;
import org.jivesoftware.smack.packet.StanzaError;
import org.jivesoftware.smackx.vcardtemp.VCardManager;
import org.jivesoftware.smackx.vcardtemp.packet.VCard;
import org.jxmpp.jid.EntityBareJid;
import org.jxmpp.jid.impl.JidCreate;

/** XEP-0054, as Smack's own client of it sees it. Smack has no integration test for vCards. */
public class VCardTest extends AbstractSmackIntegrationTest {

    public VCardTest(SmackIntegrationTestEnvironment environment) {
        super(environment);
    }

    @SmackIntegrationTest
    public void accountSupportsVCards() throws Exception {
        assertTrue(VCardManager.getInstanceFor(conOne).isSupported(conOne.getUser().asBareJid()));
    }

    /** §3.1: who has none gets an empty one or item-not-found. */
    @SmackIntegrationTest
    public void ownCardThatIsNotThere() throws Exception {
        try {
            assertNull(VCardManager.getInstanceFor(conThree).loadVCard().getNickName());
        } catch (XMPPErrorException error) {
            assertEquals(StanzaError.Condition.item_not_found, error.getStanzaError().getCondition());
        }
    }

    /** §3.3: no card looks like no such account. */
    @SmackIntegrationTest
    public void othersCardThatIsNotThere() throws Exception {
        EntityBareJid nobody = JidCreate.entityBareFrom("nobody-" + testRunId + "@" + sinttestConfiguration.service);
        for (EntityBareJid jid : List.of(conThree.getUser().asEntityBareJid(), nobody)) {
            XMPPErrorException error = assertThrows(XMPPErrorException.class,
                () -> VCardManager.getInstanceFor(conOne).loadVCard(jid));
            assertEquals(StanzaError.Condition.service_unavailable, error.getStanzaError().getCondition());
        }
    }

    /** §3.1, §3.2, §3.3: saved, loaded by its owner and by another, and replaced as a whole. */
    @SmackIntegrationTest
    public void savedCardIsTheLoadedOne() throws Exception {
        byte[] picture = new byte[2000];
        INSECURE_RANDOM.nextBytes(picture);
        VCard saved = new VCard();
        saved.setNickName("Ann & Ben " + testRunId);
        saved.setFirstName("Ann");
        saved.setEmailHome("ann@example.org");
        saved.setAvatar(picture, "image/png");
        VCardManager mine = VCardManager.getInstanceFor(conOne);
        mine.saveVCard(saved);
        VCard seen = VCardManager.getInstanceFor(conTwo).loadVCard(conOne.getUser().asEntityBareJid());
        for (VCard loaded : new VCard[] {mine.loadVCard(), seen}) {
            assertEquals(saved.getNickName(), loaded.getNickName());
            assertEquals(saved.getFirstName(), loaded.getFirstName());
            assertEquals(saved.getEmailHome(), loaded.getEmailHome());
            assertArrayEquals(picture, loaded.getAvatar());
        }
        VCard other = new VCard();
        other.setNickName("Carl");
        mine.saveVCard(other);
        VCard loaded = mine.loadVCard();
        assertEquals("Carl", loaded.getNickName());
        assertNull(loaded.getEmailHome());
    }
}
